import { availableParallelism } from 'node:os';
import test from 'ava';
import {
  type Case,
  mediansOf,
  type Run,
  type RunFigures,
  slowestToMedian,
} from '../../bench/rack/figures.ts';
import { judgeGoals } from '../../bench/rack/goals.ts';
import { parseOptions } from '../../bench/rack/options.ts';
import { planJobs } from '../../bench/rack/plan-jobs.ts';
import {
  renderFailures,
  renderGoals,
  renderMedians,
  renderNamed,
  renderRuns,
} from '../../bench/rack/report.ts';
import { compareSamples, type Sample } from '../../bench/rack/sample.ts';

const figures: RunFigures = {
  makespanSeconds: 15,
  ratio: 1.07,
  slowestToMedian: 1.02,
  copies: 1.07,
  ownCopies: 1.02,
  intoBusiestRack: undefined,
  intoRacksMean: undefined,
  agentCpuSecondsPerGiB: 9,
  agentStartCpuSeconds: 0.4,
  frontendCpuSecondsPerGiB: 8,
  clientCpuSeconds: 0.3,
  agentPeakBytes: 90 * 2 ** 20,
  frontendPeakBytes: 100 * 2 ** 20,
  load: 0.5,
  ownLoad: 0.4,
  firstByteMedianSeconds: 0.1,
  firstByteP99Seconds: 2,
};

function done(changed: Partial<RunFigures>, flags = { busy: false, replaced: false }): Run {
  return { kind: 'done', ...flags, figures: { ...figures, ...changed } };
}

function caseOf(system: string, nodes: number, runs: readonly Run[], scenario = 'plain'): Case {
  const size = { nodes, rateBitsPerSecond: 40e6, treeSizeBytes: 64 * 2 ** 20 };
  return { scenario, system, ...size, limitSeconds: 14.03, runs };
}

test('medians leave out replaced and failed runs', (t) => {
  const runs: Run[] = [
    done({ ratio: 9 }, { busy: true, replaced: true }),
    done({ ratio: 1 }),
    done({ ratio: 3, clientCpuSeconds: undefined }),
    { kind: 'failed', reason: 'x' },
    done({ ratio: 2 }),
  ];
  t.is(mediansOf(runs)?.ratio, 2);
  t.is(mediansOf(runs)?.clientCpuSeconds, 0.3);
  t.is(mediansOf([{ kind: 'failed', reason: 'x' }]), undefined);
});

test('each goal is judged where it was measured, and fails when it is missed', (t) => {
  const cases = [
    caseOf('scree', 1, [done({ makespanSeconds: 14.6 })]),
    caseOf('nginx', 1, [done({ makespanSeconds: 14 })]),
    caseOf('scree', 8, [done({ ratio: 1.06, copies: 1.05 })]),
    caseOf('scree', 32, [
      done({ slowestToMedian: 1.2, agentPeakBytes: 200 * 2 ** 20, agentCpuSecondsPerGiB: 12.5 }),
    ]),
    caseOf('aria2', 8, [done({ ratio: 5 })]),
  ];
  const missed = judgeGoals(cases).filter((verdict) => !verdict.isReached);
  t.deepEqual(
    missed.map((verdict) => verdict.goal),
    [
      "makespan ÷ nginx's with 1 node",
      'makespan ÷ limit with 8 nodes',
      'slowest node ÷ median with 32 nodes',
      'agent CPU-s per GiB with 32 nodes',
      'agent peak MB with 32 nodes',
    ],
  );
  t.is(judgeGoals([caseOf('scree', 1, [done({})])]).length, 3, 'no nginx to compare with');
});

test('figures of a run are what the counters moved by', (t) => {
  const gib = 2 ** 30;
  const usage = (cpuSeconds: number, peakMemoryBytes: number) => ({ cpuSeconds, peakMemoryBytes });
  const before: Sample = {
    machine: { busyTicks: 100, totalTicks: 1000 },
    atSeconds: 5,
    frontend: [usage(1, 10)],
    agents: [usage(0.5, 10), usage(0.3, 10)],
    clients: [usage(0, 0), usage(0, 0)],
    frontendSentBytes: 1514,
    ownSentBytes: undefined,
    intoRacksBytes: [0, 1514],
  };
  const after: Sample = {
    machine: { busyTicks: 700, totalTicks: 2000 },
    atSeconds: 15,
    frontend: [usage(3, 70)],
    agents: [usage(4.5, 40), usage(2.3, 50)],
    clients: [usage(1, 5), usage(2, 5)],
    frontendSentBytes: 1514 + (2 * gib * 1514) / 1448,
    ownSentBytes: 7,
    intoRacksBytes: [(gib * 1514) / 1448, 1514 + (3 * gib * 1514) / 1448],
  };
  const compared = compareSamples(before, after, gib);
  t.is(Number(compared.copies.toFixed(6)), 2);
  t.is(compared.ownCopies, undefined);
  t.is(compared.intoBusiestRack?.toFixed(6), '3.000000');
  t.is(compared.intoRacksMean?.toFixed(6), '2.000000');
  t.is(compared.agentCpuSecondsPerGiB, 3);
  t.is(compared.agentStartCpuSeconds, 0.4);
  t.is(Number(compared.frontendCpuSecondsPerGiB.toFixed(6)), 1);
  t.is(compared.clientCpuSeconds, 1.5);
  t.is(compared.agentPeakBytes, 50);
  t.is(compared.frontendPeakBytes, 70);
  t.is(compared.load, 0.6);
  t.is(compared.ownLoad, (2 + 6 + 3) / (10 * availableParallelism()));
});

test('the tables name every run, what failed and why', (t) => {
  const cases = [
    caseOf('scree', 8, [
      done({}, { busy: true, replaced: true }),
      { kind: 'failed', reason: 'nobody came' },
    ]),
  ];
  t.regex(renderMedians(cases), /^\| scree +\| +plain \| +8 \| +40 \| +14\.03 \| +failed \|/m);
  t.regex(renderRuns(cases), /busy, repeated/);
  t.is(renderFailures(cases), '- plain: scree, 8 nodes: nobody came');
});

test('a run with bad company is held against the healthy one of the same size', (t) => {
  const company = (namedSeconds: Record<string, number | null>) =>
    done({ makespanSeconds: 18, namedSeconds });
  const cases = [
    caseOf('scree', 8, [done({ makespanSeconds: 1 })]),
    caseOf('scree', 16, [done({ makespanSeconds: 15 })]),
    caseOf(
      'scree',
      16,
      [
        company({ liar: 1, silent: 4 }),
        company({ liar: 9, silent: null }),
        company({ liar: 2, silent: null }),
      ],
      'company',
    ),
  ];
  const missed = judgeGoals(cases).filter(
    ({ isReached, goal }) => !isReached && /company|named/.test(goal),
  );
  t.deepEqual(
    missed.map(({ goal, value }) => [goal, value]),
    [
      ["makespan ÷ the healthy run's (company, 16 nodes)", 1.2],
      ["seconds until 'silent' is named (company, 16 nodes)", Infinity],
    ],
  );
  t.regex(renderNamed(cases), /never/);
  t.regex(renderGoals(cases), /\| +never \|/);
});

test('who was slowest is told from the own start of each', (t) => {
  t.is(slowestToMedian([10, 12, 10, 10, 11]), 1.2);
  t.is(slowestToMedian([7]), 1);
});

test('options have defaults for a rack, and mistakes are refused in words', (t) => {
  t.deepEqual(
    jobs().map((job) => job.replace(/ .*/, '')),
    [
      'scree',
      'nginx',
      'aria2',
      'libtorrent',
      'scree',
      'nginx',
      'aria2',
      'libtorrent',
      'scree',
      'nginx',
      'aria2',
      'libtorrent',
    ],
    'the slowest only when named',
  );
  t.deepEqual(jobs('--systems', 'webtorrent'), [
    'webtorrent plain 1x40 64',
    'webtorrent plain 8x40 64',
    'webtorrent plain 32x20 64',
  ]);
  t.deepEqual(jobs('--scenario', 'plain,spread', '--nodes', '2,9', '--systems', 'scree'), [
    'scree plain 2x40 64',
    'scree plain 9x20 64',
    'scree spread 2x40 64',
    'scree spread 9x20 64',
  ]);
  t.deepEqual(
    jobs('--scenario', 'racks', '--tree-size', '1M', '--rate', '7'),
    ['scree racks-unknown 32x7 1', 'scree racks 32x7 1', 'libtorrent racks 32x7 1'],
    'beside a frontend that does not know them',
  );
  t.deepEqual(
    jobs('--scenario', 'company,plain', '--nodes', '4', '--rate', '9', '--systems', 'scree,nginx'),
    ['scree plain 4x9 64', 'scree company 4x9 64', 'nginx plain 4x9 64'],
    'each once, and bad company for scree alone',
  );
  t.is(parseOptions(['--help']), undefined);
  const refusal = (...argv: string[]) => t.throws(() => jobs(...argv), { code: 'usage' })?.message;
  t.regex(refusal('--systems', 'scree,torrent') ?? '', /got 'torrent'/);
  t.regex(refusal('--scenario', 'best') ?? '', /got 'best'/);
  t.regex(refusal('--scenario', 'company', '--systems', 'nginx') ?? '', /scree/);
  t.regex(
    refusal('--nodes', '1,8', '--rate', '40') ?? '',
    /as many --rate as --nodes \(2\), got 1/,
  );
  t.regex(refusal('--runs', '0') ?? '', /got '0'/);
  t.regex(refusal('--order', 'best') ?? '', /sorted or shuffled/);
  t.truthy(refusal('--nonsense'));
});

function jobs(...argv: string[]): string[] {
  const options = parseOptions(argv);
  return (options === undefined ? [] : planJobs(options)).map(
    ({ scenario, system, size, treeSizeBytes }) =>
      `${system.name} ${scenario.name} ${size.nodes}x${size.rateBitsPerSecond / 1e6} ${treeSizeBytes / 2 ** 20}`,
  );
}
