import test from 'ava';
import fc from 'fast-check';
import { machineOf, observe, overdue, started } from '../../../src/frontend/reinstall/observe.ts';
import { nextWave, planNext } from '../../../src/frontend/reinstall/plan.ts';
import type { Machine } from '../../../src/frontend/reinstall/types.ts';
import { facts, machine } from './fixture.ts';

const limits = { waveSize: 4, abortShare: 0.25, timeoutMs: 1_000 };
const calm = { nowMs: 100, isAborted: false };

function named(count: number, values: Partial<Machine> = {}, prefix = 'w'): readonly Machine[] {
  return Array.from({ length: count }, (_, at) => machine({ name: `${prefix}${at}`, ...values }));
}

const running = { verdict: 'running', wave: 1, startedAtMs: 50 } as const;
const done = { verdict: 'done', wave: 1, startedAtMs: 50, endedAtMs: 80 } as const;
const failed = { verdict: 'failed', wave: 1, startedAtMs: 50, endedAtMs: 80 } as const;

test('the first wave is started at once, the next when the one before has ended', (t) => {
  const waiting = named(6);
  t.deepEqual(planNext(waiting, limits, calm).start, waiting.slice(0, 4));
  t.is(nextWave(waiting), 1);
  const busy = [...named(1, running, 'r'), ...named(3, done, 'd'), ...waiting];
  t.is(planNext(busy, limits, { ...calm, nowMs: 81 }).start.length, 0);
  const ended = [...named(4, done, 'd'), ...waiting];
  t.is(planNext(ended, limits, calm).start.length, 4);
  t.is(nextWave(ended), 2);
});

test('half of a wave done, nobody waits for one that takes twice as long as they did', (t) => {
  const half = [...named(2, running, 'r'), ...named(2, done, 'd'), ...named(6)];
  const before = planNext(half, limits, { ...calm, nowMs: 109 });
  t.deepEqual([before.start.length, before.wakeAtMs], [0, 110]);
  t.is(planNext(half, limits, { ...calm, nowMs: 110 }).start.length, 4);
  const fewer = [...named(3, running, 'r'), ...named(1, done, 'd'), ...named(6)];
  const waits = planNext(fewer, limits, { ...calm, nowMs: 900 });
  t.deepEqual([waits.start.length, waits.wakeAtMs], [0, 1_050]);
});

test('what is under way already is waited for as a wave of its own', (t) => {
  const machines = [...named(2, { ...running, wave: 0 }, 'f'), ...named(3)];
  t.is(planNext(machines, limits, calm).start.length, 0);
  const ended = [...named(2, { ...done, wave: 0 }, 'f'), ...named(3)];
  t.is(planNext(ended, limits, calm).start.length, 3);
});

test('no more are started when more than the share of those that were has failed', (t) => {
  const some = [...named(1, failed, 'f'), ...named(3, done, 'd'), ...named(2)];
  t.like(planNext(some, limits, calm), { isAborted: false, isOver: false });
  const many = [...named(2, failed, 'f'), ...named(2, done, 'd'), ...named(2)];
  t.like(planNext(many, limits, calm), { isAborted: true, isOver: true, start: [] });
  const going = [...named(2, failed, 'f'), ...named(1, running, 'r'), ...named(2)];
  t.like(planNext(going, limits, calm), { isAborted: true, isOver: false, start: [] });
  t.like(planNext(some, limits, { ...calm, isAborted: true }), { isAborted: true, start: [] });
  const never = { ...limits, abortShare: 1 };
  t.false(planNext(named(4, failed, 'f'), never, calm).isAborted);
  t.false(planNext(named(4, { verdict: 'failed' }), limits, calm).isAborted, 'none was started');
});

test('a machine that takes too long has failed, and counts as such at once', (t) => {
  const machines = [...named(1, running, 'r'), ...named(1, done, 'd'), ...named(1)];
  const step = planNext(machines, limits, { ...calm, nowMs: 1_050 });
  t.deepEqual(
    step.overdue.map(({ name }) => name),
    ['r0'],
  );
  t.like(step, { isAborted: true, isOver: true });
});

test('nothing to do is over', (t) => {
  t.true(planNext([], limits, calm).isOver);
  t.true(planNext(named(3, done), limits, calm).isOver);
});

type Fate = { readonly fails: boolean; readonly installMs: number; readonly hangs: boolean };

/** All that happens in a reinstall of simulated machines, by a clock of its own. */
function simulate(fates: readonly Fate[], waveSize: number, abortShare: number) {
  const timeoutMs = 500;
  const runLimits = { waveSize, abortShare, timeoutMs };
  const machines = fates.map((_, at) => machineOf(facts({ name: `n${at}` }), 0));
  const starts: { readonly atMs: number; readonly names: readonly string[] }[] = [];
  let isAborted = false;
  let nowMs = 0;
  for (let turn = 0; turn < 10_000; turn += 1) {
    const step = planNext(machines, runLimits, { nowMs, isAborted });
    isAborted = step.isAborted;
    for (const each of step.overdue) {
      machines[indexOf(each)] = overdue(each, timeoutMs, nowMs);
    }
    if (step.isOver) return { machines, starts, isAborted };
    if (step.start.length > 0) {
      starts.push({ atMs: nowMs, names: step.start.map(({ name }) => name) });
      const wave = nextWave(machines);
      for (const each of step.start) {
        const armed = facts({ name: each.name, bootState: 'install', installNumber: 1 });
        machines[indexOf(each)] = started(each, { facts: armed, wave, nowMs });
      }
      continue;
    }
    const ends = machines.flatMap(({ verdict, startedAtMs = 0 }, at) => {
      const fate = fates[at];
      if (verdict !== 'running' || fate === undefined || fate.hangs) return [];
      return [startedAtMs + fate.installMs];
    });
    nowMs = Math.max(nowMs, Math.min(step.wakeAtMs ?? Number.POSITIVE_INFINITY, ...ends));
    machines.forEach((each, at) => {
      const fate = fates[at];
      const isDue = fate && !fate.hangs && (each.startedAtMs ?? 0) + fate.installMs <= nowMs;
      if (each.verdict !== 'running' || !isDue) return;
      const bootState = fate.fails ? 'failed' : 'os';
      const told = facts({ name: each.name, bootState, installNumber: 1, stateAtMs: nowMs });
      machines[at] = observe(each, told, nowMs);
    });
  }
  throw new Error('expected an end, found none');
}

function indexOf({ name }: Machine): number {
  return Number(name.slice(1));
}

const fates = fc.array(
  fc.record({
    fails: fc.boolean(),
    hangs: fc.boolean(),
    installMs: fc.integer({ min: 1, max: 400 }),
  }),
  { size: 'max', maxLength: 60 },
);

test('whatever machines do: each is started once, in order, and it comes to an end', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fates,
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, waveSize, share) => {
          const { machines, starts, isAborted } = simulate(all, waveSize, share);
          const names = starts.flatMap((each) => each.names);
          const expected = machines.slice(0, names.length).map(({ name }) => name);
          if (names.join() !== expected.join()) throw new Error(`started ${names.join()}`);
          if (starts.some((each) => each.names.length > waveSize)) throw new Error('a large wave');
          const rest = machines.slice(names.length);
          if (rest.some(({ verdict }) => verdict !== 'waiting')) throw new Error('not left alone');
          if (!isAborted && rest.length > 0) throw new Error('some were forgotten');
          for (const { name, verdict } of machines.slice(0, names.length)) {
            const fate = all[Number(name.slice(1))];
            const wanted = fate?.hangs || fate?.fails ? 'failed' : 'done';
            if (verdict !== wanted) throw new Error(`${name}: ${verdict}, not ${wanted}`);
          }
          const failedCount = machines.filter(({ verdict }) => verdict === 'failed').length;
          if (isAborted !== failedCount > share * names.length) throw new Error(`${failedCount}`);
        },
      ),
    ),
  );
});
