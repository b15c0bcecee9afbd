import test from 'ava';
import { createRandom, shuffle } from '../../src/simulator/random.ts';

test('an order is the same for the same seed, and has everything once', (t) => {
  const values = Array.from({ length: 100 }, (_, index) => index);
  const shuffled = shuffle(values, createRandom(3));
  t.deepEqual(shuffle(values, createRandom(3)), shuffled);
  t.notDeepEqual(shuffled, values);
  t.deepEqual(
    shuffled.toSorted((a, b) => a - b),
    values,
  );
});
