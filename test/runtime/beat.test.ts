import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { atBeat, beatMs, everyBeat } from '../../src/runtime/beat.ts';

/** Waits until something has just been done at a beat, so that none lies between what follows. */
function nextBeat(): Promise<void> {
  return new Promise((resolve) => {
    atBeat(0, resolve);
  });
}

test('what is due at a beat is done in one turn, in the order in which it was asked for', async (t) => {
  await nextBeat();
  const done: string[] = [];
  const turns = new Set<number>();
  let turn = 0;
  const beatNow = () => Math.floor(performance.now() / beatMs);
  const firstBeat = beatNow();
  const all = ['one', 'two', 'three'].map(async (name) => {
    await new Promise<void>((resolve) => {
      atBeat(0, () => {
        done.push(name);
        turns.add(turn);
        setImmediate(() => {
          turn += 1;
          resolve();
        });
      });
    });
  });
  const lastBeat = beatNow();
  await Promise.all(all);
  t.deepEqual(done, ['one', 'two', 'three']);
  t.true(turns.size <= lastBeat - firstBeat + 1);
});

test('nothing is done before the beat nearest to its time', async (t) => {
  await nextBeat();
  const startedAtMs = performance.now();
  await new Promise<void>((resolve) => {
    atBeat(3 * beatMs, resolve);
  });
  t.true(performance.now() - startedAtMs >= 2.5 * beatMs);
});

test('what is cancelled is not done, nor does it keep others from being done', async (t) => {
  await nextBeat();
  const done: string[] = [];
  const first = atBeat(0, () => done.push('first'));
  atBeat(0, () => done.push('second'));
  atBeat(0, () => last.cancel());
  const last = atBeat(0, () => done.push('last'));
  const alone = atBeat(3 * beatMs, () => done.push('alone'));
  first.cancel();
  first.cancel();
  alone.cancel();
  await sleep(6 * beatMs);
  t.deepEqual(done, ['second']);
});

test('what is done again and again ends when it is cancelled, also from within', async (t) => {
  let count = 0;
  const again = everyBeat(beatMs, () => {
    count += 1;
    if (count === 3) again.cancel();
  });
  while (count < 3) await sleep(beatMs);
  await sleep(5 * beatMs);
  t.is(count, 3);
});
