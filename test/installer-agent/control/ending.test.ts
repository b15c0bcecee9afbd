import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Need } from '../../../src/installer-agent/control/decide-stay.ts';
import {
  createEnding,
  type EndingDeps,
  type EndingLimits,
  type EndResult,
} from '../../../src/installer-agent/control/ending.ts';
import type { InstallEnd, Told } from '../../../src/installer-agent/control/frontend-calls.ts';
import { silentLog } from '../../../src/runtime/log.ts';

const limits = { lingerMs: 2_000, leaseMs: 300, tellMs: 1_000, retryMs: 30, longestRetryMs: 200 };
/** Nothing is waited for beside the telling. */
const impatient = { ...limits, lingerMs: 0, tellMs: 600 };
const success = { outcome: 'success', reason: undefined, logText: '' } as const;
const failure = { outcome: 'failure', reason: 'no disk', logText: 'no disk\n' } as const;
const told = { kind: 'told', answer: '' } as const;
const away = { kind: 'away', reason: 'away' } as const;

function begin(
  t: ExecutionContext,
  answer: (at: number) => Told<string> | Promise<Told<string>>,
  change: Partial<EndingDeps> = {},
  within: EndingLimits = limits,
) {
  const said: InstallEnd[] = [];
  const left: string[] = [];
  const world: { need: Need | undefined } = { need: undefined };
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const ending = createEnding(
    {
      calls: {
        end: async (end) => {
          said.push(end);
          return answer(said.length);
        },
      },
      need: () => world.need,
      onBegin: () => {},
      onStayed: async () => void left.push('left'),
      log: silentLog,
      signal: stop.signal,
      ...change,
    },
    within,
  );
  return { ending, said, left, world, stop };
}

test('it is told, the rack is served for a lease, and then the disk is let go of', async (t) => {
  const { ending, said, left } = begin(t, () => told);
  const result = await ending.end(success);
  t.like(result, { outcome: 'success', isTold: true });
  t.true(result.elapsedMs >= 295);
  t.deepEqual(said, [success]);
  t.deepEqual(left, ['left']);
});

test('nobody who is not needed waits', async (t) => {
  const { ending, world } = begin(t, () => told);
  world.need = { atMs: performance.now(), lingerSeconds: 0 };
  t.true((await ending.end(success)).elapsedMs < 250);
});

test('who is needed stays while that is said, and not beyond the limit', async (t) => {
  const { ending, world } = begin(t, () => told);
  const saying = setInterval(() => {
    world.need = { atMs: performance.now(), lingerSeconds: 10 };
  }, 50);
  const { elapsedMs } = await ending.end(success);
  clearInterval(saying);
  t.true(elapsedMs >= 1_990, `${elapsedMs} ms`);
});

test('a frontend that restarts is told when it is back', async (t) => {
  const { ending, said } = begin(t, (at) => (at < 4 ? away : told));
  t.true((await ending.end(failure)).isTold);
  t.deepEqual(said, [failure, failure, failure, failure]);
});

test('a frontend that has vanished, or never answers, is not waited for long', async (t) => {
  for (const answer of [away, new Promise<never>(() => {})]) {
    const { ending } = begin(t, () => answer);
    const result = await ending.end(success);
    t.regex(reasonOf(result), /away|no answer in time/);
    t.true(result.elapsedMs >= 900, `${result.elapsedMs} ms`);
  }
});

test('who is refused, or has no token, says so at once', async (t) => {
  const refused = begin(t, () => ({ kind: 'refused', reason: 'the frontend answered 410' }));
  t.is(reasonOf(await refused.ending.end(success)), 'the frontend answered 410');
  t.is(refused.said.length, 1);
  const nameless = begin(t, () => told, { calls: undefined });
  t.regex(reasonOf(await nameless.ending.end(success)), /scree\.token/);
});

test('the same end twice is one; a failure may become a success, and never the other way', async (t) => {
  const { ending, said, left } = begin(t, () => told);
  const first = ending.end(failure);
  t.is(ending.end(failure), first);
  await first;
  t.deepEqual(left, [], 'an installer that has failed may be helped');
  t.is((await ending.end(success)).outcome, 'success');
  t.is((await ending.end(failure)).outcome, 'success');
  t.deepEqual(said, [failure, success]);
});

test('an agent that is stopped does not stay', async (t) => {
  const { ending, world, stop } = begin(t, () => told);
  world.need = { atMs: performance.now() + 60_000, lingerSeconds: 10 };
  const ended = ending.end(success);
  await delay(100);
  stop.abort();
  t.true((await ended).elapsedMs < 1_500);
});

test('who could not be told is told on, and each further call waits for that', async (t) => {
  const frontend: { answer: Told<string> } = { answer: away };
  const { ending, said, left } = begin(t, () => frontend.answer, {}, impatient);
  t.is(reasonOf(await ending.end(success)), 'away');
  t.deepEqual(left, ['left'], 'the machine may reboot all the same');
  const tried = said.length;
  const again = ending.end(success);
  t.is(ending.end(success), again, 'those who ask at once wait for the same');
  t.is(reasonOf(await again), 'away');
  t.true(said.length > tried + 1, 'it is tried often while somebody waits');
  frontend.answer = told;
  t.true((await ending.end(success)).isTold);
  const { length } = said;
  t.true((await ending.end(success)).isTold);
  t.is(said.length, length, 'what is told is not told again');
  t.deepEqual(left, ['left']);
});

test('who could not be told is told also when nobody asks any more', async (t) => {
  const frontend: { answer: Told<string> } = { answer: away };
  const { ending, said } = begin(t, () => frontend.answer, {}, impatient);
  t.false((await ending.end(failure)).isTold);
  const { length } = said;
  frontend.answer = told;
  while (said.length === length) await delay(10);
  await delay(300);
  t.is(said.length, length + 1);
  t.true((await ending.end(failure)).isTold);
  t.is(said.length, length + 1);
});

test('a success ends the telling of the failure before it', async (t) => {
  const frontend: { answer: Told<string> } = { answer: away };
  const { ending, said } = begin(t, () => frontend.answer, {}, impatient);
  await ending.end(failure);
  frontend.answer = told;
  t.true((await ending.end(success)).isTold);
  const { length } = said;
  await delay(500);
  t.is(said.length, length);
  t.deepEqual(said.at(-1), success);
});

test('who is refused is not told again, and who is stopped tells nothing more', async (t) => {
  const refused = begin(t, () => ({ kind: 'refused', reason: 'gone' }), {}, impatient);
  t.is(reasonOf(await refused.ending.end(failure)), 'gone');
  t.is(reasonOf(await refused.ending.end(failure)), 'gone');
  t.is(refused.said.length, 1);
  const stopped = begin(t, () => away, {}, impatient);
  await stopped.ending.end(failure);
  stopped.stop.abort();
  const { length } = stopped.said;
  t.is(reasonOf(await stopped.ending.end(failure)), 'away');
  await delay(400);
  t.is(stopped.said.length, length);
});

function reasonOf(result: EndResult): string {
  return result.isTold ? 'it is told' : result.reason;
}
