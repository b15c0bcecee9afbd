import test from 'ava';
import { Bitfield } from '../../src/protocol/bitfield.ts';
import type { WantedRange } from '../../src/protocol/peer-wire/extensions.ts';
import { VirtualTime } from '../../src/simulator/simulate/virtual-time.ts';
import { LatePieces } from '../../src/swarm/late-pieces.ts';
import type { Peer } from '../../src/swarm/peer.ts';

const overdueMs = 1_500;

/** A node that waits for the pieces in `waiting`, its frontend, and so many other agents. */
function createWaiting(agents: number, { withFrontend = true } = {}) {
  const time = new VirtualTime();
  const told: { readonly atMs: number; readonly wants: readonly WantedRange[] }[] = [];
  const fetched: { readonly atMs: number; readonly pieces: readonly number[] }[] = [];
  const since = new Map<number, number>();
  const createPeer = (frontend: boolean) => {
    const sendWants = (wants: readonly WantedRange[]) => {
      if (!frontend) throw new Error('expected only a frontend to be told');
      told.push({ atMs: time.nowMs(), wants });
    };
    return { frontend, pieces: new Bitfield(64), sendWants } as Partial<Peer> as Peer;
  };
  const peers = new Set(Array.from({ length: agents }, () => createPeer(false)));
  const [mate] = peers;
  if (withFrontend) peers.add(createPeer(true));
  const late = new LatePieces({
    wants: {
      waiting: () => [...since.keys()],
      overdue: (nowMs, lateMs) =>
        [...since].filter(([, atMs]) => nowMs - atMs >= lateMs).map(([piece]) => piece),
      ranges: (overdue) => overdue.map((piece) => ({ firstPiece: piece, count: 1, overdue: true })),
    },
    requests: { overdueMs, arrivalMs: () => 0, tick: () => {}, isCredible: () => true },
    fetcher: {
      fetch: (pieces) => {
        if (pieces.length > 0) fetched.push({ atMs: time.nowMs(), pieces });
      },
      close: () => {},
    },
    peers: () => peers,
    mayReadAhead: () => true,
    clock: time,
  });
  const wait = (piece: number) => {
    since.set(piece, time.nowMs());
    late.tellSoon();
  };
  const run = async (untilMs: number) => {
    for (let atMs = 100; atMs <= untilMs; atMs += 100) time.at(atMs, () => late.tick(atMs));
    while (await time.step());
  };
  return { time, late, wait, run, told, fetched, mate, toldAt: () => told.map(({ atMs }) => atMs) };
}

test('who begins tells the frontend at once, what follows is told together', async (t) => {
  for (const [agents, delayMs] of [
    [3, 30],
    [31, 128],
  ] as const) {
    const { time, wait, run, toldAt } = createWaiting(agents);
    for (const atMs of [5, 6, 15, 20]) time.at(atMs, () => wait(atMs));
    await run(500);
    t.deepEqual(toldAt(), [5, 6 + delayMs]);
  }
});

test('after a second of silence the next word is told at once again', async (t) => {
  const { time, wait, run, toldAt } = createWaiting(3);
  for (const atMs of [5, 700, 1_730, 1_740]) time.at(atMs, () => wait(atMs));
  await run(500);
  t.deepEqual(toldAt(), [5, 730, 1_730, 1_770]);
});

test('what was waited for too long is told to the frontend first, and fetched by HTTP at last', async (t) => {
  const { wait, run, told, fetched } = createWaiting(2);
  wait(9);
  await run(2 * overdueMs);
  t.deepEqual(told[0], { atMs: 0, wants: [] });
  t.deepEqual(told[1], { atMs: overdueMs, wants: [{ firstPiece: 9, count: 1, overdue: true }] });
  t.deepEqual(fetched, [{ atMs: 2 * overdueMs, pieces: [9] }]);
});

test('without a frontend in the swarm what no peer has is fetched by HTTP at once', async (t) => {
  const { wait, run, told, fetched, mate } = createWaiting(1, { withFrontend: false });
  mate?.pieces.add(7);
  wait(7);
  wait(8);
  await run(300);
  t.deepEqual(told, []);
  t.deepEqual(fetched, [{ atMs: 300, pieces: [8] }]);
});

test('who is closed tells nothing any more', async (t) => {
  const { time, late, wait, run, toldAt } = createWaiting(3);
  time.at(5, () => wait(5));
  time.at(10, () => wait(10));
  time.at(12, () => late.close());
  await run(0);
  t.deepEqual(toldAt(), [5]);
});
