import test from 'ava';
import {
  nothingWatched,
  shownNodes,
  summarize,
  takeNews,
  type WatchedNode,
} from '../../src/cli/watch-model.ts';
import { changeKey, renderChange, renderFrame } from '../../src/cli/watch-text.ts';
import { createWatchView } from '../../src/cli/watch-view.ts';

const nowMs = 1_800_000_000_000;
const nothing = { frontend: 0, peers: 0, rack: 0, fallback: 0 };

function node(change: Partial<WatchedNode>): WatchedNode {
  return {
    ...{ name: 'compute-0-0', role: 'compute', rack: 0, rank: 0, bootState: 'installing' },
    bootAction: 'install',
    ...{ bootReason: null, stateAtMs: nowMs - 60_000, installNumber: 1, progress: null },
    ...change,
  };
}

function progress(change: Partial<NonNullable<WatchedNode['progress']>>) {
  return {
    ...{ heardAtMs: nowMs - 1_000, phases: [], packages: null, bytes: nothing },
    ...{ rateBytesPerSecond: 0, trees: ['lab@1'], agentVersion: '1', ...change },
  };
}

const phase = (
  name: 'agent' | 'packages' | 'done',
  agoMs: number,
  detail: string | null = null,
) => ({
  ...{ name, detail },
  atMs: nowMs - agoMs,
});

const installing = node({
  progress: progress({
    phases: [phase('agent', 100_000), phase('packages', 60_000)],
    packages: { done: 100, total: 400 },
    bytes: { rack: 5 * 2 ** 20, peers: 2 ** 20, frontend: 512 * 1024, fallback: 0 },
    rateBytesPerSecond: 3 * 2 ** 20,
  }),
});
const done = node({
  name: 'compute-0-1',
  bootState: 'os',
  stateAtMs: nowMs - 10_000,
  progress: progress({
    heardAtMs: nowMs - 9_000,
    phases: [phase('agent', 210_000), phase('done', 10_000)],
    bytes: { ...nothing, frontend: 7 * 2 ** 20 },
  }),
});
const failed = node({ name: 'compute-0-2', bootState: 'failed', bootReason: 'no disk found' });

test('a line for each machine says how far it is, and where its bytes come from', (t) => {
  const text = renderFrame({ nodes: [installing, done, failed], nowMs, away: undefined }, 99);
  const [head, first = '', second = '', third = '', ...rest] = text.split('\n');
  t.regex(
    head ?? '',
    /^NODE +STATE +PHASE +PACKAGES +RACK +PEERS +FRONTEND +HTTP +RATE +TIME +HEARD/,
  );
  t.regex(
    first,
    /^compute-0-0 +installing +packages +100 of 400 +5\.0 MiB +1\.0 MiB +512\.0 KiB +0 B +3\.0 MiB\/s +1 min 40 s +just now$/,
  );
  t.regex(second, /^compute-0-1 +done +done .* – +3 min 20 s +9 s ago$/);
  t.regex(third, /^compute-0-2 +failed +– /);
  t.deepEqual(rest, [
    '1 done, 1 failed, 1 installing, 3.0 MiB/s, 1.07 copies left the frontend, done in about 3 min 0 s',
    'compute-0-2 failed: no disk found',
    '',
  ]);
});

test('the end is expected by packages where they are counted, else by how long others took', (t) => {
  t.is(summarize([installing], nowMs).expectedEndMs, nowMs + 180_000);
  const uncounted = node({ progress: progress({ phases: [phase('agent', 50_000)] }) });
  t.is(summarize([uncounted], nowMs).expectedEndMs, undefined);
  t.is(summarize([uncounted, done], nowMs).expectedEndMs, nowMs + 150_000);
});

test('of a thousand machines those are shown that need to be looked at', (t) => {
  const many = Array.from({ length: 1000 }, (_, at) =>
    node({ name: `compute-0-${at}`, bootState: at === 700 ? 'failed' : 'os' }),
  );
  const text = renderFrame({ nodes: [...many, installing], nowMs, away: 'lost' }, 5);
  t.is(text.split('\n').filter((line) => line.startsWith('compute-0-')).length, 6);
  t.regex(text, /^compute-0-700 +failed/m);
  t.regex(text, /… and 996 more/);
  t.regex(text, /999 done, 1 failed, 1 installing/);
  t.regex(text, /the frontend is away, trying again: lost/);
});

test('a rate of long ago is none, and nothing to show is said', (t) => {
  const silent = {
    ...installing,
    progress: progress({ heardAtMs: nowMs - 60_000, rateBytesPerSecond: 9 }),
  };
  t.is(summarize([silent], nowMs).rateBytesPerSecond, 0);
  t.is(renderFrame({ nodes: [], nowMs, away: undefined }, 9), 'nothing is being installed\n');
});

test('without a selection machines are shown that are on their way, or have just ended', (t) => {
  const old = node({ name: 'old', bootState: 'os', stateAtMs: nowMs - 3_600_000 });
  const never = node({ name: 'never', bootState: 'os', installNumber: 0 });
  const names = (isSelected: boolean, all: readonly WatchedNode[]) => {
    const news = { nowMs, nodes: [...all], removed: [] };
    const state = takeNews(nothingWatched, news, { isAll: true, hereMs: nowMs });
    return shownNodes(state, { isSelected, nowMs }).map(({ name }) => name);
  };
  t.deepEqual(names(false, [old, failed, never, done, installing]), [
    'compute-0-0',
    'compute-0-1',
    'compute-0-2',
  ]);
  t.deepEqual(names(true, [old, never]), ['never', 'old']);
});

test('one that was seen on its way stays, also when the frontend has been away', (t) => {
  const take = (state: typeof nothingWatched, nodes: readonly WatchedNode[]) =>
    takeNews(
      state,
      { nowMs, nodes: [...nodes], removed: [] },
      { isAll: true, hereMs: nowMs - 5_000 },
    );
  const first = take(nothingWatched, [installing]);
  t.is(first.aheadMs, 5_000);
  const later = take(first, [{ ...installing, bootState: 'os', stateAtMs: nowMs - 3_600_000 }]);
  t.is(shownNodes(later, { isSelected: false, nowMs }).length, 1);
});

test('a change is a line when it is one', (t) => {
  t.regex(
    renderChange(installing, nowMs),
    /^\d\d:\d\d:\d\d compute-0-0 installing, packages, 100 of 400 packages, after 1 min 40 s\n$/,
  );
  t.regex(renderChange(failed, nowMs), / compute-0-2 failed, no disk found\n$/);
  const packagesAt = (count: number) => ({
    ...installing,
    progress: progress({ packages: { done: count, total: 400 } }),
  });
  t.is(changeKey(packagesAt(101)), changeKey(packagesAt(150)));
  t.not(changeKey(packagesAt(99)), changeKey(packagesAt(100)));
});

test('on a terminal it is drawn over what it drew before, within its size', (t) => {
  const written: string[] = [];
  const stream = {
    ...{ isTTY: true, rows: 24, columns: 60 },
    write: (text: string) => written.push(text) > 0,
  } as unknown as NodeJS.WriteStream;
  const view = createWatchView(stream, { json: false, once: false, isSelected: false });
  const nodes = Array.from({ length: 50 }, (_, at) => node({ ...installing, name: `node-${at}` }));
  view.show({ kind: 'news', isAll: true, news: { nowMs: Date.now(), nodes, removed: [] } });
  view.close();
  const [first = '', second = ''] = written;
  const lines = first.split('\n');
  t.true(lines.length < 24);
  t.true(lines.slice(1).every((line) => line.length < 60));
  t.true(second.includes(`\x1b[${lines.length - 1}A\r\x1b[J`));
  t.is(written.at(-1), '\x1b[?25h');
});
