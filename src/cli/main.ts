import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { messageOf, ScreeError } from '../runtime/errors.ts';
import { renderUsageError } from './usage-text.ts';

/** What each file under cli/ exports: it adds its command to the program. */
export type CommandModule = { readonly register: (program: Command) => void };

// Loaded one at a time: the agent in the ramdisk must not pay for the frontend's packages.
const commands: ReadonlyMap<string, () => Promise<CommandModule>> = new Map([
  ['frontend', () => import('./frontend.ts')],
  ['tracker', () => import('./tracker.ts')],
  ['agent', () => import('./agent.ts')],
  ['tree', () => import('./tree.ts')],
  ['node', () => import('./node.ts')],
  ['discover', () => import('./discover.ts')],
  ['reinstall', () => import('./reinstall.ts')],
  ['watch', () => import('./watch.ts')],
  ['attr', () => import('./attr.ts')],
  ['profile', () => import('./profile.ts')],
  ['boot', () => import('./boot.ts')],
  ['image', () => import('./image.ts')],
  ['token', () => import('./token.ts')],
  ['audit', () => import('./audit.ts')],
  ['dhcp', () => import('./dhcp.ts')],
  ['doctor', () => import('./doctor.ts')],
  ['demo', () => import('./demo.ts')],
  ['simulate', () => import('./simulate.ts')],
]);

const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

// Whoever read the output may be gone, such as `head`.
process.stdout.on('error', () => {});
process.exitCode = await run(process.argv.slice(2));

async function run(args: readonly string[]): Promise<number> {
  const program = new Command('scree')
    .description(
      'Installs whole racks of machines at once: the installing machines serve each other.',
    )
    .version(readVersion(), '--version')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageError(program, args, text)) });
  const load = commands.get(args[0] ?? '');
  const loaders = load === undefined ? [...commands.values()] : [load];
  for (const module of await Promise.all(loaders.map((each) => each()))) module.register(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? exitCodes.done);
  } catch (error) {
    return exitCodeFor(error);
  }
}

/** With the help of the command that the words name, as far as they do. */
function usageError(program: Command, args: readonly string[], text: string): string {
  const path: string[] = [];
  let command: Command | undefined = program;
  for (const word of args) {
    command = command.commands.find((each) => each.name() === word);
    if (command === undefined) break;
    path.push(word);
  }
  return renderUsageError(text, path);
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String(JSON.parse(text).version);
}

function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  for (const line of linesOf(error)) process.stderr.write(`scree: ${line}\n`);
  return exitCodes.failed;
}

/** One line per problem: a configuration may have several. */
function linesOf(error: unknown): readonly string[] {
  return error instanceof ScreeError ? error.message.split('\n') : [messageOf(error)];
}
