import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { silentLog } from '../../src/runtime/log.ts';
import { FallbackFetcher } from '../../src/swarm/fallback-fetcher.ts';
import type { RangeFallback } from '../../src/swarm/types.ts';
import { until } from '../support/raw-peer.ts';
import { createSwarmRack, randomTorrent, readAll } from '../support/swarm-rack.ts';

const mebibyte = 1024 * 1024;
const { content, metainfo, source } = randomTorrent(4 * mebibyte - 77);
const everything = { startByte: 0, endByte: content.length };

type Fetch = RangeFallback['fetch'];

const right: Fetch = (offset, length) => Promise.resolve(content.subarray(offset, offset + length));
const wrong: Fetch = (_, length) => Promise.resolve(Buffer.alloc(length, 9));

/** Does one thing for the first calls and another from then on, and counts. */
function createFallback(bad: Fetch, badCalls: number) {
  const calls: { offset: number; length: number }[] = [];
  let busy = 0;
  const fallback = {
    calls,
    mostAtOnce: 0,
    fetch: async (offset: number, length: number, signal: AbortSignal) => {
      calls.push({ offset, length });
      busy += 1;
      fallback.mostAtOnce = Math.max(fallback.mostAtOnce, busy);
      try {
        return await (calls.length <= badCalls ? bad : right)(offset, length, signal);
      } finally {
        busy -= 1;
      }
    },
  };
  return fallback;
}

test('with nobody else, all bytes come by HTTP', async (t) => {
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  const fallback = createFallback(right, 0);
  const { swarm } = await rack.join(0, { fallback });
  const range = { startByte: 100_000, endByte: content.length - 3 };
  t.true((await readAll(swarm, range)).equals(content.subarray(100_000, content.length - 3)));
  const { counters } = swarm.status();
  t.is(counters.receivedByHttpBytes, content.length - 65_536);
  t.is(counters.receivedFromFrontendBytes + counters.receivedFromPeersBytes, 0);
  const asked = fallback.calls.reduce((sum, { length }) => sum + length, 0);
  t.is(asked, content.length - 65_536, 'something was fetched twice');
});

test('the next ranges are asked for while the first are on their way', async (t) => {
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  const latencyMs = 100;
  const slow: Fetch = async (offset, length, signal) => {
    await sleep(latencyMs);
    return right(offset, length, signal);
  };
  const fallback = createFallback(slow, Number.POSITIVE_INFINITY);
  const { swarm } = await rack.join(0, { fallback });
  await sleep(500);
  const startedAtMs = performance.now();
  t.true((await readAll(swarm, everything)).equals(content));
  const tookMs = performance.now() - startedAtMs;
  t.true(fallback.mostAtOnce >= 2, `${fallback.mostAtOnce} requests at once`);
  const onePieceAtATimeMs = metainfo.pieceCount * latencyMs;
  t.true(tookMs < onePieceAtATimeMs / 3, `${tookMs} of ${onePieceAtATimeMs} ms`);
});

const failures: readonly (readonly [string, Fetch])[] = [
  ['gives wrong bytes', wrong],
  [
    'gives too few bytes',
    (offset, length) => Promise.resolve(content.subarray(offset, offset + length - 1)),
  ],
  ['gives nothing', () => Promise.resolve(Buffer.alloc(0))],
  ['gives too many bytes, wrong ones', (_, length) => Promise.resolve(Buffer.alloc(length * 2))],
  ['refuses', () => Promise.resolve(undefined)],
  ['fails', () => Promise.reject(new Error('connection refused'))],
  [
    'throws at once',
    () => {
      throw new Error('no route');
    },
  ],
];

for (const [what, bad] of failures) {
  test(`a frontend that ${what} at first is asked again, after a pause`, async (t) => {
    const rack = await createSwarmRack({ metainfo });
    t.teardown(rack.close);
    const fallback = createFallback(bad, 3);
    const { swarm } = await rack.join(0, { fallback });
    const startedAtMs = performance.now();
    const reading = readAll(swarm, { startByte: 0, endByte: 200_000 });
    await until('it was asked often enough', () => fallback.calls.length > 3, 60_000);
    const badMs = performance.now() - startedAtMs;
    t.true((await reading).equals(content.subarray(0, 200_000)));
    t.true(badMs > 1000, `3 requests in vain within ${badMs} ms`);
  });
}

test('wrong bytes are counted and never handed over', async (t) => {
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  const fallback = createFallback(wrong, Number.POSITIVE_INFINITY);
  const { swarm } = await rack.join(0, { fallback });
  const reading = readAll(swarm, everything, AbortSignal.timeout(2000));
  await t.throwsAsync(reading, { name: 'TimeoutError' });
  const { piecesHeld, counters } = swarm.status();
  t.is(piecesHeld, 0);
  t.true(counters.badPieces > 0);
});

test('a frontend that gives wrong bytes does not keep the swarm from giving right ones', async (t) => {
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  const fallback = createFallback(wrong, Number.POSITIVE_INFINITY);
  const { swarm } = await rack.join(0, { fallback });
  const reading = readAll(swarm, everything);
  await until('it lies', () => swarm.status().counters.badPieces > 0);
  await rack.startFrontend(source);
  t.true((await reading).equals(content));
});

test('a request that never ends does not keep the node from closing', async (t) => {
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  let aborted = false;
  const fallback = createFallback((_, __, signal) => {
    signal.addEventListener('abort', () => {
      aborted = true;
    });
    return new Promise(() => {});
  }, Number.POSITIVE_INFINITY);
  const node = await rack.join(0, { fallback });
  const reading = readAll(node.swarm, everything, AbortSignal.timeout(1000));
  await t.throwsAsync(reading);
  await node.host.close();
  t.true(aborted);
});

test('what comes after the end goes nowhere', async (t) => {
  const pieces: number[] = [];
  let answer: (bytes: Buffer) => void = () => {};
  const fetcher = new FallbackFetcher({
    metainfo,
    fallback: {
      fetch: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    },
    isHeld: () => false,
    onPiece: (piece) => pieces.push(piece),
    onEnd: () => {},
    log: silentLog,
  });
  fetcher.fetch([0, 1, 2], { requests: 1, piecesEach: 3 });
  t.true(fetcher.isFetching(1));
  fetcher.close();
  answer(content.subarray(0, 3 * 65_536));
  await sleep(20);
  t.deepEqual(pieces, []);
  fetcher.fetch([0, 1, 2], { requests: 1, piecesEach: 3 });
  t.false(fetcher.isFetching(0));
});

test('neighbours come in one request, others in their own, within the budget', (t) => {
  const asked: [number, number][] = [];
  const fetcher = new FallbackFetcher({
    metainfo,
    fallback: {
      fetch: (offset, length) => {
        asked.push([offset / 65_536, length / 65_536]);
        return new Promise(() => {});
      },
    },
    isHeld: (piece) => piece === 4,
    onPiece: () => {},
    onEnd: () => {},
    log: silentLog,
  });
  fetcher.fetch([2, 3, 4, 5, 6, 7, 20], { requests: 3, piecesEach: 2 });
  t.deepEqual(asked, [
    [2, 2],
    [5, 2],
    [7, 1],
  ]);
  fetcher.fetch([20], { requests: 3, piecesEach: 2 });
  t.is(asked.length, 3);
  fetcher.close();
});
