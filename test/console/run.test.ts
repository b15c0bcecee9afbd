import test from 'ava';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { csvOf } from '../../src/console/run/export-run.ts';
import { ratesOf, sampleOf, versionOf, withNews } from '../../src/console/run/live-run.ts';
import { slowest } from '../../src/console/run/slowest.ts';
import type { RunDocument, RunNode } from '../../src/frontend/runs/documents.ts';

const none = { frontend: 0, peers: 0, rack: 0, fallback: 0 };

function node(name: string, change: Partial<RunNode> = {}): RunNode {
  return {
    ...{ name, role: 'compute', rack: 0, installNumber: 1, outcome: 'done', reason: null },
    ...{ startedAtMs: 0, endedAtMs: 100_000, packages: null, bytes: none, phases: [] },
    ...change,
  };
}

function runOf(nodes: readonly RunNode[]): RunDocument {
  const times = { startedAtMs: 0, endedAtMs: null, sampleEveryMs: 1_000 };
  return { id: '20261122T120833Z', ...times, nodes: [...nodes], samples: [] };
}

test('the slowest come first, with the phase in which they lost against the others', (t) => {
  const phases = (packagesMs: number) => [
    { name: 'booted', atMs: 0 },
    { name: 'packages', atMs: 10_000 },
    { name: 'post', atMs: 10_000 + packagesMs },
    { name: 'done', atMs: 20_000 + packagesMs },
  ];
  const nodes = [
    node('a', { phases: phases(50_000), endedAtMs: 70_000 }),
    node('b', { phases: phases(51_000), endedAtMs: 71_000 }),
    node('c', { phases: phases(95_000), endedAtMs: 115_000 }),
  ];
  const told = slowest(nodes, 200_000).map(({ node: { name }, tookMs, lost }) => [
    name,
    tookMs,
    lost,
  ]);
  t.deepEqual(told, [
    ['c', 115_000, { phase: 'packages', moreMs: 44_000 }],
    ['b', 71_000, undefined],
    ['a', 70_000, undefined],
  ]);
  t.is(slowest([node('x', { endedAtMs: null, outcome: 'running' })], 5_000)[0]?.tookMs, 5_000);
});

test('who has failed comes first, then who will take longest when all go on as they do', (t) => {
  const running = (name: string, done: number | undefined, startedAtMs = 0) =>
    node(name, {
      ...{ startedAtMs, endedAtMs: null, outcome: 'running' },
      packages: done === undefined ? null : { done, total: 100 },
    });
  const nodes = [
    ...[running('a', 80), running('b', 20), running('c', 78), running('d', undefined)],
    ...[node('e', { endedAtMs: 9_000 }), running('f', 80, 30_000)],
    node('g', { endedAtMs: 5_000, outcome: 'failed', reason: 'no disk' }),
  ];
  const told = slowest(nodes, 60_000);
  t.deepEqual(
    told.map(({ node: { name }, behindPackages }) => [name, behindPackages]),
    [
      ['g', 0],
      ['b', 58],
      ['c', 0],
      ['a', 0],
      ['d', 0],
      ['f', 0],
      ['e', 0],
    ],
  );
});

test('rates are what came between two samples, and never less than nothing', (t) => {
  const sample = (atMs: number, rack: number, peers: number) => {
    return { atMs, running: 1, done: 0, failed: 0, bytes: { ...none, rack, peers } };
  };
  const samples = [sample(1_000, 0, 50), sample(3_000, 4_000, 20), sample(3_000, 9, 9)];
  t.deepEqual(ratesOf(samples), [[3], [2_000], [0], [0], [0]]);
  t.deepEqual(ratesOf([]), [[], [], [], [], []]);
});

test('news of the same install are taken in, of another not', (t) => {
  const bytes = { frontend: 1, peers: 2, rack: 3, fallback: 4 };
  const progress = {
    ...{ heardAtMs: 0, phases: [], packages: { done: 1, total: 2 }, bytes, rateBytesPerSecond: 0 },
    ...{ trees: [], agentVersion: '' },
  };
  const watched = (installNumber: number) =>
    new Map([
      [
        'a',
        {
          ...{ name: 'a', role: 'compute', rack: 0, rank: 0, bootAction: 'install', installNumber },
          ...{ bootState: 'installing' as const, bootReason: null, stateAtMs: 7, progress },
        },
      ],
    ]);
  const run = runOf([node('a')]);
  t.deepEqual(withNews(run, watched(1)).nodes[0]?.bytes, bytes);
  t.deepEqual(withNews(run, watched(2)).nodes[0]?.bytes, none);
  t.deepEqual(sampleOf(withNews(run, watched(1)), 5).bytes, bytes);
  t.not(versionOf(watched(1)), versionOf(watched(2)));
});

test('what is saved as CSV is read again as it was, whatever machines have said', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }), { size: 'max', maxLength: 30 }),
        (reasons) => {
          const nodes = reasons.map((reason, at) => node(`n-${at}`, { reason, outcome: 'failed' }));
          const text = csvOf(runOf(nodes));
          const rows: readonly Record<string, string>[] = parse(text, { columns: true });
          return rows.every(({ reason = '' }, at) => {
            const given = reasons[at] ?? '';
            return /^[=+\-@\t\r]/.test(given) ? reason === `'${given}` : reason === given;
          });
        },
      ),
    ),
  );
});
