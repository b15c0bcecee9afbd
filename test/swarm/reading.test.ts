import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import { ReadError } from '../../src/swarm/piece-book.ts';
import type { TreeSwarm } from '../../src/swarm/types.ts';
import { until } from '../support/raw-peer.ts';
import { createSwarmRack, fallbackOf, randomTorrent, readAll } from '../support/swarm-rack.ts';

const mebibyte = 1024 * 1024;
const { content, metainfo, source } = randomTorrent(3 * mebibyte + 12_345);
const everything = { startByte: 0, endByte: content.length };

test('any ranges, read at once, are the bytes of the stream', async (t) => {
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const { swarm } = await rack.join(0);
  const place = fc.nat(content.length);
  const ranges = fc.array(fc.tuple(place, place), { minLength: 1, maxLength: 8 });
  const property = fc.asyncProperty(ranges, async (list) => {
    const reads = list.map(async ([one, other]) => {
      const range = { startByte: Math.min(one, other), endByte: Math.max(one, other) };
      const bytes = await readAll(swarm, range);
      return bytes.equals(content.subarray(range.startByte, range.endByte));
    });
    return (await Promise.all(reads)).every(Boolean);
  });
  await t.notThrowsAsync(fc.assert(property, { numRuns: 30 }));
});

test('an empty range has no bytes, and wants nothing', async (t) => {
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  const { swarm } = await rack.join(0);
  for (const at of [0, 5, content.length]) {
    t.is((await readAll(swarm, { startByte: at, endByte: at })).length, 0);
  }
});

test('nothing is fetched before the first request', async (t) => {
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const { swarm } = await rack.join(0, { fallback: fallbackOf(content) });
  await until('the frontend is known', () => swarm.status().peers.length === 1);
  await sleep(1000);
  t.is(swarm.status().piecesHeld, 0);
});

test('a read that is given up ends at once and leaves nothing behind', async (t) => {
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  const { swarm } = await rack.join(0);
  const abort = new AbortController();
  const reads = Array.from({ length: 20 }, () => readAll(swarm, everything, abort.signal));
  const ends = Promise.allSettled(reads);
  await sleep(100);
  t.true(getEventListeners(abort.signal, 'abort').length > 0);
  abort.abort(new Error('the installer hung up'));
  for (const end of await ends) {
    t.is(end.status === 'rejected' && end.reason.message, 'the installer hung up');
  }
  t.is(getEventListeners(abort.signal, 'abort').length, 0);
  const late = readAll(swarm, everything, abort.signal);
  await t.throwsAsync(late, { message: 'the installer hung up' });
});

test('a long read leaves no listeners on its signal', async (t) => {
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const { swarm } = await rack.join(0);
  const { signal } = new AbortController();
  let most = 0;
  const write = async (bytes: Buffer) => {
    most = Math.max(most, getEventListeners(signal, 'abort').length, bytes.length > 0 ? 0 : 99);
  };
  await swarm.read(everything, { signal, write });
  t.true(most <= 1, `${most}`);
  t.is(getEventListeners(signal, 'abort').length, 0);
});

test('a reader that stops early stops the fetching', async (t) => {
  const big = randomTorrent(40 * mebibyte);
  const rack = await createSwarmRack({
    metainfo: big.metainfo,
    source: big.source,
    uploadBytesPerSecond: 8 * mebibyte,
  });
  t.teardown(rack.close);
  const { swarm } = await rack.join(0);
  const range = { startByte: 0, endByte: big.content.length };
  const { signal } = new AbortController();
  const write = () => Promise.reject(new Error('that is enough'));
  await t.throwsAsync(swarm.read(range, { signal, write }), { message: 'that is enough' });
  await sleep(1500);
  const held = swarm.status().piecesHeld;
  await sleep(1000);
  t.is(swarm.status().piecesHeld, held);
  t.true(held < big.metainfo.pieceCount / 2, `${held} of ${big.metainfo.pieceCount}`);
});

test('closing ends those who read, with an error, at once', async (t) => {
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  const node = await rack.join(0);
  const reading = readAll(node.swarm, everything);
  const ended = t.throwsAsync(reading, { instanceOf: ReadError, code: 'closed' });
  await sleep(100);
  const startedAtMs = performance.now();
  await node.swarm.close();
  await ended;
  await t.throwsAsync(readAll(node.swarm, everything), { instanceOf: ReadError, code: 'closed' });
  t.true(performance.now() - startedAtMs < 3000);
  await t.notThrowsAsync(node.host.close());
});

test('closing in the middle of everything neither fails nor hangs', async (t) => {
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  for (let number = 0; number < 6; number += 1) {
    const node = await rack.join(number);
    const reading = readAll(node.swarm, everything).then(
      () => 'complete',
      (error: unknown) => (error instanceof ReadError ? error.code : String(error)),
    );
    await sleep(number * 60);
    const startedAtMs = performance.now();
    await Promise.all([node.swarm.close(), node.host.close()]);
    t.true(['complete', 'closed'].includes(await reading));
    t.true(performance.now() - startedAtMs < 4000);
  }
});

test('two nodes read a tree of ten times their stores through each other', async (t) => {
  const big = randomTorrent(32 * mebibyte);
  const rack = await createSwarmRack({
    metainfo: big.metainfo,
    source: big.source,
    storeBytes: 3.2 * mebibyte,
  });
  t.teardown(rack.close);
  const nodes = await Promise.all([0, 1].map((number) => rack.join(number)));
  const range = { startByte: 0, endByte: big.content.length };
  for (let turn = 0; turn < 2; turn += 1) {
    const all = await Promise.all(nodes.map(({ swarm }) => readAll(swarm, range)));
    for (const bytes of all) t.true(bytes.equals(big.content));
  }
  for (const { swarm } of nodes) {
    const { offenders, piecesHeld, counters } = swarm.status();
    t.deepEqual(offenders, []);
    t.is(counters.badPieces, 0);
    t.true(piecesHeld < big.metainfo.pieceCount * 0.8, `${piecesHeld}`);
  }
});

test('a node without a usable store reads everything all the same', async (t) => {
  const big = randomTorrent(24 * mebibyte);
  const rack = await createSwarmRack({ metainfo: big.metainfo, source: big.source });
  t.teardown(rack.close);
  const { swarm } = await rack.join(0, { storeFolder: '/dev/null/store' });
  const bytes = await readAll(swarm, { startByte: 0, endByte: big.content.length });
  t.true(bytes.equals(big.content));
  t.true(swarm.status().piecesHeld < big.metainfo.pieceCount);
});

for (const pieceLengthBytes of [16_384, 131_072, 1_048_576]) {
  test(`pieces of ${pieceLengthBytes / 1024} KiB travel as well`, async (t) => {
    const torrent = randomTorrent(6 * mebibyte + 1, pieceLengthBytes);
    const rack = await createSwarmRack({ ...torrent, storeBytes: 4 * mebibyte });
    t.teardown(rack.close);
    const nodes = await Promise.all([0, 1, 2].map((number) => rack.join(number)));
    const range = { startByte: 0, endByte: torrent.content.length };
    const all = await Promise.all(nodes.map(({ swarm }) => readAll(swarm, range)));
    for (const bytes of all) t.true(bytes.equals(torrent.content));
    for (const { swarm } of nodes) t.deepEqual(swarm.status().offenders, []);
  });
}
async function readSlowly(swarm: TreeSwarm, range: typeof everything, pauseAt: number) {
  const chunks: Buffer[] = [];
  const write = async (bytes: Buffer) => {
    chunks.push(Buffer.from(bytes));
    if (chunks.length !== pauseAt) return;
    // Until nothing more is fetched for the time being.
    for (let held = -1; held !== swarm.status().piecesHeld; await sleep(700)) {
      held = swarm.status().piecesHeld;
    }
  };
  await swarm.read(range, { signal: AbortSignal.timeout(60_000), write });
  return Buffer.concat(chunks);
}

test('a reader that pauses for long goes on at full speed', async (t) => {
  const big = randomTorrent(48 * mebibyte);
  const rack = await createSwarmRack({
    metainfo: big.metainfo,
    source: big.source,
    storeBytes: 64 * mebibyte,
  });
  t.teardown(rack.close);
  const helper = await rack.join(0);
  const range = { startByte: 0, endByte: big.content.length };
  await readAll(helper.swarm, range);
  await rack.frontend?.host.close();
  const { swarm } = await rack.join(1);
  const startedAtMs = performance.now();
  const bytes = await readSlowly(swarm, range, 3);
  t.true(bytes.equals(big.content));
  const tookMs = performance.now() - startedAtMs;
  t.true(tookMs < 20_000, `${tookMs} ms`);
});
