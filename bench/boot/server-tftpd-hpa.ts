import type { TftpServer } from './stage.ts';
import { waitForUdpPort } from './udp-port.ts';

/** in.tftpd, a process for each transfer. */
export const tftpdHpa: TftpServer = {
  name: 'tftpd-hpa',
  needs: [{ file: '/usr/sbin/in.tftpd', debianPackage: 'tftpd-hpa' }],
  hasWindows: false,
  startTftp: ({ server }, root) => {
    const where = ['--address', `${server.ip}:69`, '--secure', '--user', 'root'];
    const program = server.start(['in.tftpd', '--foreground', '--listen', ...where, root]);
    return waitForUdpPort(program, 69);
  },
};
