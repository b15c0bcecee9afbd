import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import type { Need } from '../../../src/installer-agent/control/decide-stay.ts';
import { createEnding, type EndingDeps } from '../../../src/installer-agent/control/ending.ts';
import type { InstallEnd, Told } from '../../../src/installer-agent/control/frontend-calls.ts';
import { silentLog } from '../../../src/runtime/log.ts';

const limits = { lingerMs: 2_000, leaseMs: 300, tellMs: 1_000, retryMs: 30 };
const success = { outcome: 'success', reason: undefined, logText: '' } as const;
const failure = { outcome: 'failure', reason: 'no disk', logText: 'no disk\n' } as const;
const told = { kind: 'told', answer: '' } as const;
const away = { kind: 'away', reason: 'away' } as const;

function begin(
  answer: (at: number) => Told<string> | Promise<Told<string>>,
  change: Partial<EndingDeps> = {},
) {
  const said: InstallEnd[] = [];
  const left: string[] = [];
  const world: { need: Need | undefined } = { need: undefined };
  const stop = new AbortController();
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
    limits,
  );
  return { ending, said, left, world, stop };
}

test('it is told, the rack is served for a lease, and then the disk is let go of', async (t) => {
  const { ending, said, left } = begin(() => told);
  const result = await ending.end(success);
  t.like(result, { outcome: 'success', isTold: true });
  t.true(result.elapsedMs >= 295);
  t.deepEqual(said, [success]);
  t.deepEqual(left, ['left']);
});

test('nobody who is not needed waits', async (t) => {
  const { ending, world } = begin(() => told);
  world.need = { atMs: performance.now(), lingerSeconds: 0 };
  t.true((await ending.end(success)).elapsedMs < 250);
});

test('who is needed stays while that is said, and not beyond the limit', async (t) => {
  const { ending, world } = begin(() => told);
  const saying = setInterval(() => {
    world.need = { atMs: performance.now(), lingerSeconds: 10 };
  }, 50);
  const { elapsedMs } = await ending.end(success);
  clearInterval(saying);
  t.true(elapsedMs >= 1_990, `${elapsedMs} ms`);
});

test('a frontend that restarts is told when it is back', async (t) => {
  const { ending, said } = begin((at) => (at < 4 ? away : told));
  t.true((await ending.end(failure)).isTold);
  t.deepEqual(said, [failure, failure, failure, failure]);
});

test('a frontend that has vanished, or never answers, is not waited for long', async (t) => {
  for (const answer of [away, new Promise<never>(() => {})]) {
    const { ending } = begin(() => answer);
    const { isTold, reason, elapsedMs } = await ending.end(success);
    t.false(isTold);
    t.regex(reason ?? '', /away|no answer in time/);
    t.true(elapsedMs >= 900, `${elapsedMs} ms`);
  }
});

test('who is refused, or has no token, says so at once', async (t) => {
  const refused = begin(() => ({ kind: 'refused', reason: 'the frontend answered 410' }));
  t.like(await refused.ending.end(success), { isTold: false, reason: 'the frontend answered 410' });
  t.is(refused.said.length, 1);
  const nameless = begin(() => told, { calls: undefined });
  t.regex((await nameless.ending.end(success)).reason ?? '', /scree\.token/);
});

test('the same end twice is one; a failure may become a success, and never the other way', async (t) => {
  const { ending, said, left } = begin(() => told);
  const first = ending.end(failure);
  t.is(ending.end(failure), first);
  await first;
  t.deepEqual(left, [], 'an installer that has failed may be helped');
  t.is((await ending.end(success)).outcome, 'success');
  t.is((await ending.end(failure)).outcome, 'success');
  t.deepEqual(said, [failure, success]);
});

test('an agent that is stopped does not stay', async (t) => {
  const { ending, world, stop } = begin(() => told);
  world.need = { atMs: performance.now() + 60_000, lingerSeconds: 10 };
  const ended = ending.end(success);
  await delay(100);
  stop.abort();
  t.true((await ended).elapsedMs < 1_500);
});
