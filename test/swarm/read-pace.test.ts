import test from 'ava';
import fc from 'fast-check';
import { beatMs } from '../../src/runtime/beat.ts';
import { fullReadBytes, restMs } from '../../src/swarm/read-pace.ts';

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
