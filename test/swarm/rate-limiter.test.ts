import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { burstMs, createRateLimiter } from '../../src/swarm/rate-limiter.ts';

const rate = fc.integer({ min: 1000, max: 200_000_000 });
const blocks = fc.array(fc.integer({ min: 1, max: 131_072 }), {
  minLength: 1,
  maxLength: 100,
  size: 'max',
});

/** Sends all blocks one after the other, each as soon as it may; returns when it was done. */
function sendAll(bytesPerSecond: number, sizes: readonly number[], idleMs: number) {
  let nowMs = 0;
  let waits = 0;
  const limiter = createRateLimiter(bytesPerSecond, () => nowMs);
  nowMs = idleMs;
  for (const size of sizes) {
    const waitMs = limiter.take(size);
    assert.ok(waitMs >= 0 && Number.isInteger(waitMs) && waitMs < 2 ** 31);
    nowMs += waitMs;
    waits += waitMs > 0 ? 1 : 0;
  }
  return { elapsedMs: nowMs - idleMs, waits };
}

test('over any time no more is sent than the rate, a burst and one block', (t) => {
  const property = fc.property(rate, blocks, fc.nat(10_000), (bytesPerSecond, sizes, idleMs) => {
    const { elapsedMs } = sendAll(bytesPerSecond, sizes, idleMs);
    const sent = sizes.reduce((sum, size) => sum + size, 0);
    const allowed = (bytesPerSecond * (elapsedMs + burstMs)) / 1000 + Math.max(...sizes);
    assert.ok(sent <= allowed + 1, `${sent} of ${allowed}`);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 500 }));
});

test('who waits as long as told gets through, at about the rate', (t) => {
  const property = fc.property(rate, blocks, (bytesPerSecond, sizes) => {
    const { elapsedMs, waits } = sendAll(bytesPerSecond, sizes, 0);
    const sent = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(elapsedMs <= (sent / bytesPerSecond) * 1000 + sizes.length + 1);
    assert.ok(waits <= sizes.length);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 500 }));
});

test('a rate of 0 is none', (t) => {
  const limiter = createRateLimiter(0);
  for (let turn = 0; turn < 1000; turn += 1) t.is(limiter.take(2 ** 40), 0);
});

test('a clock that stands still lets nothing more through', (t) => {
  const limiter = createRateLimiter(1000, () => 7);
  t.is(limiter.take(burstMs), 0);
  t.true(limiter.take(1) > 0);
});

test('who asks first goes first, and nobody waits longer for others asking again', (t) => {
  const limiter = createRateLimiter(1000, () => 0);
  const waits = Array.from({ length: 20 }, () => limiter.take(100));
  t.deepEqual(
    waits,
    waits.toSorted((one, other) => one - other),
  );
  t.is(waits.at(-1), 1900 - burstMs);
});
