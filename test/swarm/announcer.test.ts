import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { type BencodeValue, encodeBencode } from '../../src/protocol/bencode.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { VirtualTime } from '../../src/simulator/simulate/virtual-time.ts';
import { createAnnouncer } from '../../src/swarm/announcer.ts';
import { AnnounceError, parseAnswer } from '../../src/swarm/ask-trackers.ts';

function answersOrFails(bytes: Buffer): boolean {
  try {
    const { peers, intervalMs } = parseAnswer(bytes);
    assert.ok(intervalMs >= 1000 && intervalMs <= 120_000);
    assert.ok(peers.every(({ port }) => Number.isInteger(port) && port > 0 && port < 65_536));
    assert.ok(peers.every(({ host }) => /^[0-9a-f.:]+$/.test(host)));
    return true;
  } catch (error) {
    if (error instanceof AnnounceError) return true;
    throw error;
  }
}

test('any bytes are an answer or fail with the one error', (t) => {
  const property = fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), (bytes) =>
    answersOrFails(Buffer.from(bytes)),
  );
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('any values in an answer are an answer or fail with the one error', (t) => {
  const value: fc.Arbitrary<BencodeValue> = fc.oneof(
    fc.maxSafeInteger(),
    fc.uint8Array({ maxLength: 40, size: 'max' }),
    fc.constant([1, 'x']),
    fc.constant({ a: 1 }),
  );
  const key = fc.constantFrom('interval', 'peers', 'peers6', 'failure reason', 'x');
  const property = fc.property(fc.dictionary(key, value), (answer) =>
    answersOrFails(encodeBencode(answer)),
  );
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('peers of both kinds are read, without those on port 0', (t) => {
  const answer = encodeBencode({
    interval: 30,
    peers: Buffer.from([10, 1, 1, 5, 0x1a, 0xe1, 10, 1, 1, 6, 0, 0, 9, 9]),
    peers6: Buffer.from('fd0000000000000000000000000000051ae1', 'hex'),
  });
  const { peers, intervalMs } = parseAnswer(answer);
  t.is(intervalMs, 30_000);
  t.deepEqual(peers, [
    { host: '10.1.1.5', port: 6881 },
    { host: 'fd00::5', port: 6881 },
  ]);
});

test('an IPv4 address in the clothes of an IPv6 one is read as what it is', (t) => {
  const peers6 = Buffer.from('00000000000000000000ffff0a0101051ae1', 'hex');
  t.deepEqual(parseAnswer(encodeBencode({ peers6 })).peers, [{ host: '10.1.1.5', port: 6881 }]);
});

test('a refusal is an error that says why', (t) => {
  const answer = encodeBencode({ 'failure reason': 'unknown torrent', peers: Buffer.alloc(6, 1) });
  const error = t.throws(() => parseAnswer(answer), { instanceOf: AnnounceError, code: 'refused' });
  t.true(error.message.includes('unknown torrent'));
});

test('an interval is kept within bounds', (t) => {
  for (const interval of [-1, 0, 1e15, Number.MAX_SAFE_INTEGER]) {
    const { intervalMs } = parseAnswer(encodeBencode({ interval }));
    t.true(intervalMs >= 1000 && intervalMs <= 120_000);
  }
  t.is(parseAnswer(encodeBencode({ interval: 'soon' })).intervalMs, 30_000);
});

test('a tracker of ours says in which rack the asker is; nonsense counts as not said', (t) => {
  const rackIn = (rack: number | string) =>
    parseAnswer(encodeBencode({ peers: Buffer.alloc(0), scree_rack: rack })).rack;
  t.is(rackIn(0), 0);
  t.is(rackIn(2 ** 32 - 1), 2 ** 32 - 1);
  for (const rack of [-1, 2 ** 32, 'r1']) t.is(rackIn(rack), undefined);
  t.is(parseAnswer(encodeBencode({ peers: Buffer.alloc(0) })).rack, undefined);
});

test('however often there is something to tell, a few are told soon, and then seldom one', async (t) => {
  const time = new VirtualTime();
  const asked: number[] = [];
  const announcer = createAnnouncer({
    ...{ trackers: [], infohash: '', peerId: Buffer.alloc(20), port: 1, role: undefined },
    ...{ localAddress: undefined, onAnswer: () => {}, log: silentLog, clock: time },
    state: () => ({ uploadedBytes: 0, downloadedBytes: 0, leftBytes: 0, fromFrontendBytes: 0 }),
    ask: async () => {
      asked.push(time.nowMs());
      time.unsettle();
      return { rack: undefined, peers: [], intervalMs: 120_000 };
    },
  });
  time.after(60_000, () => time.every(1_000, announcer.tellSoon));
  await Promise.resolve();
  while (time.nowMs() < 300_000) await time.step();
  t.is(asked.filter((atMs) => atMs < 60_000).length, 3);
  const outOfTurn = asked.filter((atMs) => atMs >= 60_000);
  t.is(outOfTurn[0], 61_500);
  t.true((outOfTurn[2] ?? Number.NaN) < 65_000, `${outOfTurn}`);
  t.true((outOfTurn[3] ?? Number.NaN) > 75_000, `${outOfTurn}`);
  t.true(outOfTurn.length >= 45 && outOfTurn.length <= 49, `${outOfTurn}`);
  await announcer.close();
});
