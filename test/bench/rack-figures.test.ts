import { availableParallelism } from 'node:os';
import test from 'ava';
import { type Case, mediansOf, type Run, type RunFigures } from '../../bench/rack/figures.ts';
import { judgeGoals } from '../../bench/rack/goals.ts';
import { parseOptions } from '../../bench/rack/options.ts';
import { renderFailures, renderMedians, renderRuns } from '../../bench/rack/report.ts';
import { compareSamples, type Sample } from '../../bench/rack/sample.ts';

const figures: RunFigures = {
  makespanSeconds: 15,
  ratio: 1.07,
  copies: 1.07,
  ownCopies: 1.02,
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

function caseOf(system: string, nodes: number, runs: readonly Run[]): Case {
  return { system, nodes, rateBitsPerSecond: 40e6, limitSeconds: 14.03, runs };
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
    caseOf('scree', 8, [done({ ratio: 1.11, copies: 1.1 })]),
    caseOf('scree', 32, [done({ agentPeakBytes: 200 * 2 ** 20, agentCpuSecondsPerGiB: 12.5 })]),
    caseOf('aria2', 8, [done({ ratio: 5 })]),
  ];
  const missed = judgeGoals(cases).filter((verdict) => !verdict.isReached);
  t.deepEqual(
    missed.map((verdict) => verdict.goal),
    [
      "makespan ÷ nginx's with 1 node",
      'makespan ÷ limit with 8 nodes',
      'agent CPU-s per GiB with 32 nodes',
      'agent peak MB with 32 nodes',
    ],
  );
  t.is(judgeGoals([caseOf('scree', 1, [done({})])]).length, 2, 'no nginx to compare with');
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
  };
  const after: Sample = {
    machine: { busyTicks: 700, totalTicks: 2000 },
    atSeconds: 15,
    frontend: [usage(3, 70)],
    agents: [usage(4.5, 40), usage(2.3, 50)],
    clients: [usage(1, 5), usage(2, 5)],
    frontendSentBytes: 1514 + (2 * gib * 1514) / 1448,
    ownSentBytes: 7,
  };
  const compared = compareSamples(before, after, gib);
  t.is(Number(compared.copies.toFixed(6)), 2);
  t.is(compared.ownCopies, undefined);
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
  t.regex(renderMedians(cases), /^\| scree +\| +8 \| +40 \| +14\.03 \| +failed \|/m);
  t.regex(renderRuns(cases), /busy, repeated/);
  t.is(renderFailures(cases), '- scree, 8 nodes: nobody came');
});

test('options have defaults for a rack, and mistakes are refused in words', (t) => {
  const options = parseOptions([]);
  t.deepEqual(options?.sizes, [
    { nodes: 1, rateBitsPerSecond: 40e6 },
    { nodes: 8, rateBitsPerSecond: 40e6 },
    { nodes: 32, rateBitsPerSecond: 20e6 },
  ]);
  const systems = options?.systems.map((system) => system.name);
  t.deepEqual(systems, ['scree', 'nginx', 'aria2', 'libtorrent'], 'the slowest only when named');
  t.is(parseOptions(['--systems', 'webtorrent'])?.systems[0]?.name, 'webtorrent');
  t.is(parseOptions(['--help']), undefined);
  const refusal = (...argv: string[]) =>
    t.throws(() => parseOptions(argv), { code: 'usage' })?.message;
  t.regex(refusal('--systems', 'scree,torrent') ?? '', /got 'torrent'/);
  t.regex(
    refusal('--nodes', '1,8', '--rate', '40') ?? '',
    /as many --rate as --nodes \(2\), got 1/,
  );
  t.regex(refusal('--runs', '0') ?? '', /got '0'/);
  t.regex(refusal('--order', 'best') ?? '', /sorted or shuffled/);
  t.truthy(refusal('--nonsense'));
});
