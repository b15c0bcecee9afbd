import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { eachOf } from '../../src/simulator/each-of.ts';

test('every item has its turn, in order, and never more of them than allowed', async (t) => {
  const begun: number[] = [];
  let running = 0;
  await eachOf([0, 1, 2, 3, 4, 5, 6].values(), 3, async (item) => {
    begun.push(item);
    running += 1;
    t.true(running <= 3);
    await delay(item % 2);
    running -= 1;
  });
  t.deepEqual(begun, [0, 1, 2, 3, 4, 5, 6]);
});

test('the first error is the whole error', async (t) => {
  const failing = eachOf([1, 2].values(), 2, () => Promise.reject(new Error('no')));
  await t.throwsAsync(failing, { message: 'no' });
});
