import test from 'ava';
import fc from 'fast-check';
import { Admission } from '../../../src/frontend/kickstart/admission.ts';

/** Somebody who comes; `leave` also while waiting. */
function visitor(admission: Admission) {
  const signal = new AbortController();
  let inside: (() => void) | undefined;
  let outcome = 'waiting';
  const entered = admission.enter(signal.signal).then((admitted) => {
    if (typeof admitted === 'string') outcome = admitted;
    else {
      outcome = 'inside';
      inside = admitted.leave;
    }
  });
  return {
    entered,
    outcome: () => outcome,
    leave: () => {
      signal.abort();
      inside?.();
    },
  };
}

test('whoever comes and goes, no place is lost and none is given twice', async (t) => {
  const step = fc.oneof(
    fc.constant('come' as const),
    fc.nat({ max: 30 }).map((index) => ({ leave: index })),
  );
  const property = fc.asyncProperty(
    fc.array(step, { size: 'max', maxLength: 60 }),
    async (steps) => {
      const admission = new Admission({ places: 3, waiting: 4 });
      const visitors: ReturnType<typeof visitor>[] = [];
      for (const each of steps) {
        if (each === 'come') visitors.push(visitor(admission));
        // Some leave twice.
        else visitors[each.leave]?.leave();
        await Promise.resolve();
      }
      await new Promise((resolve) => setImmediate(resolve));
      if (admission.taken > 3 || admission.waiting > 4) return false;
      if (admission.waiting > 0 && admission.taken < 3) return false;
      // Those that are let in meanwhile leave, too.
      for (let round = 0; round < 20; round += 1) {
        for (const each of visitors) each.leave();
        await new Promise((resolve) => setImmediate(resolve));
      }
      return admission.taken === 0 && admission.waiting === 0;
    },
  );
  await t.notThrowsAsync(() => fc.assert(property));
});

test('places are given in the order of arrival, and the line has an end', async (t) => {
  const admission = new Admission({ places: 1, waiting: 2 });
  const [first, second, third, fourth] = [1, 2, 3, 4].map(() => visitor(admission));
  await fourth?.entered;
  t.deepEqual(
    [first, second, third, fourth].map((each) => each?.outcome()),
    ['inside', 'waiting', 'waiting', 'full'],
  );
  second?.leave();
  await second?.entered;
  t.is(second?.outcome(), 'gone');
  first?.leave();
  await third?.entered;
  t.is(third?.outcome(), 'inside');
});
