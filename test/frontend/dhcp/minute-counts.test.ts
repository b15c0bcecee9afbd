import test from 'ava';
import { createMinuteCounts, type MinuteCount } from '../../../src/frontend/dhcp/minute-counts.ts';

test('the first is told at once, the others once a minute with their number', (t) => {
  const told: MinuteCount[] = [];
  let nowMs = 5_000;
  const counts = createMinuteCounts({ tell: (count) => told.push(count), clockMs: () => nowMs });
  for (let second = 0; second <= 120; second += 1) {
    counts.note('range-exhausted', 'full');
    if (second === 0) counts.note('no-range', 'none');
    nowMs += 1_000;
  }
  const numbers = (name: string) =>
    told.filter((each) => each.name === name).map(({ count }) => count);
  t.deepEqual(numbers('range-exhausted'), [1, 60, 60]);
  t.deepEqual(numbers('no-range'), [1]);
});

test('names that an attacker makes up are not remembered without end, and keep no other out for good', (t) => {
  let nowMs = 0;
  const told: MinuteCount[] = [];
  const counts = createMinuteCounts({ tell: (count) => told.push(count), clockMs: () => nowMs });
  for (let at = 0; at < 5_000; at += 1) counts.note(`name ${at}`, '');
  t.true(told.length > 0 && told.length <= 100);
  counts.note('real', '');
  nowMs += 60_000;
  counts.note('real', '');
  t.is(told.at(-1)?.name, 'real');
});
