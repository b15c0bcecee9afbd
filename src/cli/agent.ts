import type { Command } from 'commander';
import { readSettings, runAgent } from '../installer-agent/main.ts';
import { messageOf } from '../runtime/errors.ts';

/** `scree agent`: the installer agent in the foreground. */
export function register(program: Command): void {
  const command = program
    .command('agent')
    .description("The installer agent: the installer's proxy on this machine, in the tree's swarm.")
    .option('--frontend <url>', 'the frontend, such as http://10.1.1.1')
    .option(
      '--listen <[address:]port>',
      'where the installer asks; without an address 127.0.0.1 (default: 127.0.0.1:80)',
    )
    .option('--swarm-port <port>', 'where peers connect (default: 6881)')
    .option('--swarm-address <address>', 'address for peers (default: 0.0.0.0)')
    .option(
      '--store <folder or size>',
      'where pieces are kept (default: a temporary folder), or how much of them',
    )
    .option('--store-size <size>', 'how much of them (default: a quarter of the free memory)')
    .option('--role <role>', 'what this machine becomes')
    .option('--token <token>', 'of the install that the frontend is told of')
    .option(
      '--linger <seconds>',
      'how long this machine serves its rack at most when its install is over (default: 120)',
    )
    .option('--key <file>', 'public key (PEM) that manifests must be signed with')
    .option('--upload <rate>', 'limit for what is sent to peers, such as 900Mbit (default: none)')
    .option('--log-level <level>', 'debug, info, warn, error or silent (default: info)')
    .addHelpText(
      'after',
      '\nWhat is not given is taken from kernel arguments: scree.frontend=, scree.store=, …',
    );
  command.action(() => runAgent(settingsOrUsage(command)));
}

function settingsOrUsage(command: Command): ReturnType<typeof readSettings> {
  try {
    return readSettings(command.opts());
  } catch (error) {
    return command.error(`error: ${messageOf(error)}`);
  }
}
