import test from 'ava';
import fc from 'fast-check';
import { RateWindow } from '../../src/tracker/rate-window.ts';

test('what is older than a minute no longer counts', (t) => {
  const rate = new RateWindow();
  for (let second = 0; second < 60; second += 1) rate.add(second * 1000);
  t.is(rate.perSecond(59_000), 1);
  t.is(rate.perSecond(89_000), 0.5);
  t.is(rate.perSecond(200_000), 0);
});

test('it agrees with a list of all events', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 60, size: 'max' }),
      (gapsMs) => {
        const rate = new RateWindow();
        const seconds: number[] = [];
        let nowMs = 0;
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          rate.add(nowMs);
          seconds.push(Math.floor(nowMs / 1000));
        }
        const now = Math.floor(nowMs / 1000);
        t.is(rate.perSecond(nowMs) * 60, seconds.filter((second) => second > now - 60).length);
      },
    ),
  );
});
