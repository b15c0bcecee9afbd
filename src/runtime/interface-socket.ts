import { createSocket, type Socket } from 'node:dgram';
import { bindUdpToInterface, removeArpEntry, setArpEntry } from './libc.ts';

/** A UDP socket that hears and speaks on one interface only. */
export type InterfaceSocket = {
  readonly socket: Socket;
  /**
   * From now on this machine knows where `address` is, though nobody there answers yet: a client
   * that is just being given its address does not answer ARP. Throws LibcError.
   */
  readonly setNeighbour: (address: string, mac: string) => void;
  /** The kernel's table has room for 1,024 neighbours, where nobody said more. */
  readonly forgetNeighbour: (address: string) => void;
  readonly close: () => Promise<void>;
};

/**
 * Opens UDP `port` of all addresses on one interface (`SO_BINDTODEVICE`, socket(7)); broadcasts are
 * heard and may be sent. Needs root or CAP_NET_RAW and CAP_NET_ADMIN. Throws LibcError.
 */
export async function openInterfaceSocket(at: {
  readonly interfaceName: string;
  readonly port: number;
  /** Beside another program that allows it, as DHCP clients do on port 68. */
  readonly isShared?: boolean;
}): Promise<InterfaceSocket> {
  const descriptor = bindUdpToInterface(at);
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ fd: descriptor, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.setBroadcast(true);
  return {
    socket,
    setNeighbour: (address, mac) =>
      setArpEntry({ descriptor, interfaceName: at.interfaceName, address, mac }),
    forgetNeighbour: (address) =>
      removeArpEntry({ descriptor, interfaceName: at.interfaceName, address }),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
