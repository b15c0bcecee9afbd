import test from 'ava';
import fc from 'fast-check';
import { beatMs } from '../../src/runtime/beat.ts';
import { restMs } from '../../src/swarm/read-pace.ts';

const mostBytes = 256 * 1024;
const bytesPerMs = fc.integer({ min: 0, max: 1_250_000 });
const elapsedMs = fc.double({ min: 0.01, max: 10_000, noNaN: true });

test('a connection rests for a beat at most, and never while more comes in than is good', (t) => {
  fc.assert(
    fc.property(bytesPerMs, elapsedMs, (rate, inMs) => {
      const forMs = restMs(rate * inMs, inMs);
      return forMs > 0 && forMs <= beatMs && rate * forMs <= mostBytes * 1.000_001;
    }),
  );
  t.is(restMs(5000 * beatMs, beatMs), beatMs, '40 Mbit/s');
  t.true(restMs(125_000 * beatMs, beatMs) < beatMs / 10, '1 Gbit/s');
});

test('a connection that has just begun rests for a beat', (t) => {
  t.is(restMs(1, Number.POSITIVE_INFINITY), beatMs);
});
