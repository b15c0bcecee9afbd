import type { Socket } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import { beatMs } from '../../src/runtime/beat.ts';
import { fullReadBytes, restAfterRead, restMs } from '../../src/swarm/read-pace.ts';

const bytesPerMs = fc.integer({ min: 0, max: 1_250_000 });
const elapsedMs = fc.double({ min: 0.01, max: 10_000, noNaN: true });

test('a rest lasts for a beat at most, on a fast line for about one full read', (t) => {
  fc.assert(
    fc.property(bytesPerMs, elapsedMs, (rate, inMs) => {
      const forMs = restMs(rate * inMs, inMs);
      const isFast = rate * beatMs > 2 * fullReadBytes * 1.000_001;
      if (!isFast) return forMs === beatMs || rate * beatMs >= 2 * fullReadBytes * 0.999_999;
      return forMs > 0 && Math.abs(rate * forMs - fullReadBytes) < 1;
    }),
  );
  t.is(restMs(5000 * beatMs, beatMs), beatMs, '40 Mbit/s');
  t.true(restMs(125_000 * beatMs, beatMs) < beatMs / 20, '1 Gbit/s');
});

test('who reads for the first time rests for a beat', (t) => {
  t.is(restMs(1, Number.POSITIVE_INFINITY), beatMs);
});

/** As much of a socket as is looked at. */
class FakeSocket {
  destroyed = false;
  bytesRead = 10_000_000;
  isReading = true;
  onStart = () => {};
  readonly _handle = {
    readStop: () => {
      this.isReading = false;
    },
    readStart: () => {
      this.isReading = true;
      this.onStart();
    },
  };

  reads(bytes: number): void {
    restAfterRead(this as unknown as Socket, bytes);
  }

  /** Until it is read again after a read of so much. */
  rests(bytes: number): Promise<number> {
    const beganAtMs = performance.now();
    const { promise, resolve } = Promise.withResolvers<number>();
    this.onStart = () => resolve(performance.now() - beganAtMs);
    this.reads(bytes);
    return promise;
  }
}

test.serial('little is read at beats', async (t) => {
  const socket = new FakeSocket();
  const beganAtMs = performance.now();
  for (let read = 0; read < 10; read += 1) await socket.rests(1448);
  t.true(performance.now() - beganAtMs >= 8 * beatMs);
});

test.serial('where much is read, rests are shorter', async (t) => {
  const socket = new FakeSocket();
  let shortestMs = Number.POSITIVE_INFINITY;
  for (let read = 0; read < 10; read += 1) {
    for (let full = 0; full < 100; full += 1) socket.reads(fullReadBytes);
    t.true(socket.isReading, 'a full read is followed by the next one');
    const forMs = await socket.rests(1448);
    // The first may begin just before a beat.
    if (read > 0) shortestMs = Math.min(shortestMs, forMs);
  }
  t.true(shortestMs < beatMs / 2, `${shortestMs} ms`);
});

test.serial('all are read again together, and who has been closed is not', async (t) => {
  const [one, other, closed] = [new FakeSocket(), new FakeSocket(), new FakeSocket()];
  const rest = one.rests(1448);
  other.reads(1448);
  closed.reads(1448);
  t.deepEqual([one.isReading, other.isReading, closed.isReading], [false, false, false]);
  closed.destroyed = true;
  await rest;
  t.deepEqual([one.isReading, other.isReading, closed.isReading], [true, true, false]);
});
