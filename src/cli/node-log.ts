import type { Command } from 'commander';
import { type CommonOptions, common, print, stateOf } from './node-context.ts';

/** `scree node log`: what the installer wrote last, whether it went well or failed. */
export function registerLog(node: Command): void {
  common(node.command('log <name>'))
    .description("The last lines of the installer's log, of a machine whose install has ended.")
    .action(show);
}

async function show(name: string, options: CommonOptions): Promise<void> {
  const { showInstallLog } = await import('../frontend/installs/main.ts');
  const log = await showInstallLog(await stateOf(options), name);
  print(options, log, () => (log.text === '' ? renderNone(log.node) : `${log.text}\n`));
}

function renderNone(name: string): string {
  return `no log: the latest install of ${name} has not ended, or its installer told none; see 'scree node events ${name}'\n`;
}
