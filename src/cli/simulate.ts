import { type Command, InvalidArgumentError, Option } from 'commander';
import { messageOf, ScreeError } from '../runtime/errors.ts';
import { parseRateBytesPerSecond, parseSizeBytes } from '../runtime/units.ts';

type Options = {
  readonly nodes: number;
  readonly tree: number;
  readonly files: number;
  readonly pieces?: number;
  readonly part: number;
  readonly scattered?: boolean;
  readonly orderKnown?: boolean;
  readonly nodeRate: number;
  readonly frontendRate: number;
  readonly racksOf?: number;
  readonly uplink: number;
  readonly racksUnknown?: boolean;
  readonly startSpread: number;
  readonly headStart: number;
  readonly latency: number;
  readonly frontendGone: number;
  readonly goneAt: number;
  readonly silent: number;
  readonly liars: number;
  readonly slow: number;
  readonly seed: number;
  readonly json?: boolean;
};

const mostNodes = 20_000;
const mostSeconds = 3600;

const help = `
Rates: bytes a second, or such as 100Mbit, 1Gbit, 10Gbit. Sizes: 256M, 4G. Times are of the modelled
machines: nothing is sent, and the same options with the same seed give the same figures.
docs/simulate.md says what is modelled and what is not.`;

/** `scree simulate`: what a rack would do. */
export function register(program: Command): void {
  program
    .command('simulate')
    .description('What N nodes on given links would do: the same scheduler, on modelled machines.')
    .addOption(number('--nodes <count>', 'how many install', { from: 1, to: mostNodes, or: 40 }))
    .addOption(
      parsed('--tree <size>', 'what they install from', parseSizeBytes).default(2 ** 28, '256M'),
    )
    .addOption(number('--files <count>', 'in the tree', { from: 1, to: 100_000, or: 300 }))
    .addOption(
      number(
        '--pieces <count>',
        'of the tree (default: all; fewer are quicker, as a scale model)',
        {
          from: 1,
          to: 65_536,
        },
      ),
    )
    .addOption(
      number('--part <percent>', 'of it each node wants; below 100 there are two roles', {
        from: 1,
        to: 100,
        or: 100,
      }),
    )
    .option('--scattered', 'what a role wants lies all over the tree, not together')
    .option('--order-known', 'agents know what their installer will ask for')
    .addOption(rate('--node-rate <rate>', 'the port of a node, each way'))
    .addOption(rate('--frontend-rate <rate>', 'the port of the frontend, each way'))
    .addOption(
      number('--racks-of <count>', 'nodes in a rack (default: one switch)', {
        from: 1,
        to: mostNodes,
      }),
    )
    .addOption(
      parsed('--uplink <ratio>', 'ports of a full rack to its uplink', parseRatio).default(
        4,
        '4:1',
      ),
    )
    .option('--racks-unknown', 'the tracker does not know who is in which rack')
    .addOption(seconds('--start-spread <seconds>', 'nodes start within this time', 0))
    .addOption(seconds('--head-start <seconds>', 'an agent runs so long before its installer', 5))
    .addOption(
      parsed('--latency <ms>', 'from one machine to another', (text) =>
        inRange(text, 0, 1000),
      ).default(0.1),
    )
    .addOption(
      seconds('--frontend-gone <seconds>', 'the frontend is killed, and back after so long', 0),
    )
    .addOption(seconds('--gone-at <seconds>', 'when that is, after the first installer begins', 5))
    .addOption(number('--silent <count>', 'further peers that claim all and give nothing', few))
    .addOption(number('--liars <count>', 'further peers that send wrong bytes', few))
    .addOption(
      number('--slow <count>', 'further nodes at a tenth of the rate; nobody waits for them', few),
    )
    .addOption(number('--seed <number>', 'of all chance', { from: 0, to: 2 ** 32 - 1, or: 1 }))
    .option('--json', 'print the figures as JSON')
    .addHelpText('after', help)
    .action(simulate);
}

const few = { from: 0, to: 1000, or: 0 };

async function simulate(options: Options, command: Command): Promise<void> {
  const { runSimulate } = await import('../simulator/simulate/main.ts');
  const { nodes, files, pieces, silent, liars, slow, seed, json = false } = options;
  try {
    await runSimulate(
      {
        ...{ nodes, files, pieces, silent, liars, slow, seed },
        treeBytes: options.tree,
        part: options.part / 100,
        scattered: options.scattered === true,
        orderKnown: options.orderKnown === true,
        nodeBytesPerSecond: options.nodeRate,
        frontendBytesPerSecond: options.frontendRate,
        rackSize: options.racksOf,
        uplinkRatio: options.uplink,
        blind: options.racksUnknown === true,
        startSpreadMs: options.startSpread * 1000,
        headStartMs: options.headStart * 1000,
        latencyMs: options.latency,
        goneForMs: options.frontendGone * 1000,
        goneAtMs: options.goneAt * 1000,
      },
      { json },
    );
  } catch (error) {
    if (!(error instanceof ScreeError) || error.code !== 'bad-options') throw error;
    command.error(`error: ${error.message}`);
  }
}

function number(
  flags: string,
  what: string,
  range: { readonly from: number; readonly to: number; readonly or?: number },
): Option {
  const { from, to, or } = range;
  const option = parsed(flags, what, (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`expected a whole number from ${from} to ${to}`);
  });
  return or === undefined ? option : option.default(or);
}

function seconds(flags: string, what: string, or: number): Option {
  return parsed(flags, what, (text) => inRange(text, 0, mostSeconds)).default(or);
}

function rate(flags: string, what: string): Option {
  const parse = (text: string) => {
    const bytesPerSecond = parseRateBytesPerSecond(text);
    if (bytesPerSecond >= 1000) return bytesPerSecond;
    throw new InvalidArgumentError('expected a rate of 8Kbit or more');
  };
  return parsed(flags, what, parse).default(125_000_000, '1Gbit');
}

/** What a parser throws is told as what is wrong with the option. */
function parsed(flags: string, what: string, parse: (text: string) => number): Option {
  return new Option(flags, what).argParser((text: string) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(messageOf(error));
    }
  });
}

function inRange(text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`expected a number from ${least} to ${most}`);
}

/** `4:1`, or 4. */
function parseRatio(text: string): number {
  const [, ports, uplink = '1'] = /^(\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?$/.exec(text) ?? [];
  const ratio = Number(ports) / Number(uplink);
  if (ratio >= 0.01 && ratio <= 1000) return ratio;
  throw new InvalidArgumentError('expected a ratio such as 4:1');
}
