import { type Command, InvalidArgumentError } from 'commander';
import type { discover } from '../frontend/discover/main.ts';
import { createDiscoverText } from './discover-text.ts';
import { type CommonOptions, common, stateOf, usage } from './node-context.ts';

type Order = Parameters<typeof discover>[1];
type Options = CommonOptions & {
  readonly rack?: number;
  readonly role?: string;
  readonly from?: number;
  readonly addressFrom?: string;
  readonly replace?: string;
  readonly exclude?: readonly string[];
  readonly class?: readonly string[];
  readonly boot?: string;
  readonly count?: number;
  readonly uuid: boolean;
};

const example = `
Switch the machines on one after the other, in the order of their ranks:
  scree discover --rack 0 --role compute
  scree discover --rack 0 --role switch --class other
  scree discover --replace compute-0-3
( ) stands before a machine that was discovered, (*) before one that has fetched its kickstart.`;

/** `scree discover`: unknown machines that ask for an address become nodes. */
export function register(program: Command): void {
  common(program.command('discover'))
    .description(
      'Make nodes of unknown machines that ask for an address, in the order in which they are ' +
        'switched on, until Ctrl-C. The frontend has to run.',
    )
    .option('--rack <number>', 'the rack they stand in', readCount)
    .option('--role <role>', 'what they become: ROLE-RACK-0, ROLE-RACK-1, …')
    .option('--from <rank>', 'the first rank (default: the one after the highest)', readCount)
    .option(
      '--address-from <address>',
      'where their addresses begin (default: the lowest free ones outside of the range of leases)',
    )
    .option('--replace <node>', 'the next machine takes the place of this node; then it ends')
    .option('--exclude <mac...>', 'leave these alone: MAC addresses, or how they begin')
    .option(
      '--class <class...>',
      'which clients count (default: those that boot from the network: pxe, http-boot, ipxe, ' +
        'open-firmware)',
    )
    .option('--boot <action>', 'what they boot next (default: install)')
    .option('--count <number>', 'end after so many', readCount)
    .option('--no-uuid', 'do not take machines with the same UUID for one with several cards')
    .addHelpText('after', example)
    .action(discoverMachines);
}

async function discoverMachines(options: Options, command: Command): Promise<void> {
  const isPlaced = options.rack !== undefined && options.role !== undefined;
  if (!isPlaced && options.replace === undefined) {
    usage(command, 'expected --rack and --role, or --replace NODE');
  }
  const program = await import('../frontend/discover/main.ts');
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop);
  // Whoever reads it, such as head, has had enough.
  process.stdout.once('error', stop);
  const text = createDiscoverText();
  for await (const event of program.discover(
    await stateOf(options),
    orderOf(options),
    abort.signal,
  )) {
    process.stdout.write(options.json ? `${JSON.stringify(event)}\n` : text.line(event));
  }
  if (!options.json) process.stdout.write(text.end());
}

function orderOf(options: Options): Order {
  const { rack, role, from, addressFrom, replace, exclude, boot, count, uuid } = options;
  const place = { rack, role, from, addressFrom, replace };
  const machines = { exclude: listOf(exclude), classes: listOf(options.class), uuid };
  return { ...place, ...machines, boot, count };
}

function listOf(words: readonly string[] | undefined): string[] | undefined {
  return words === undefined ? undefined : [...words];
}

function readCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 0');
}
