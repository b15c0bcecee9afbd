import { messageOf } from '../../../runtime/errors.ts';
import { runProgram } from './run-program.ts';
import type { PowerMethod, PowerTarget } from './types.ts';

const options = [
  ...['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-o', 'LogLevel=ERROR'],
  // Each install makes a host key of its own; what is said there is one word, and no secret.
  ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
];

/** `ssh root@address reboot`, with a key: for machines whose system runs, and that boot from the network first. */
export const sshMethod: PowerMethod = {
  problems: ({ address }) => (address === undefined ? ['an address'] : []),
  describe: (target) => `ssh ${argsFor(target).slice(options.length).join(' ')}`,
  cycle: async (target, signal) => {
    try {
      await runProgram({ file: 'ssh', args: argsFor(target), signal });
    } catch (error) {
      // It was too fast for the connection to be closed in order.
      if (!/closed by remote host/.test(messageOf(error))) throw error;
    }
  },
};

function argsFor({ address = '' }: PowerTarget): readonly string[] {
  return [...options, `root@${address}`, 'reboot'];
}
