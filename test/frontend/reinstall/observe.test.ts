import test from 'ava';
import {
  machineOf,
  notPowered,
  observe,
  overdue,
  started,
} from '../../../src/frontend/reinstall/observe.ts';
import type { InstallFacts } from '../../../src/frontend/reinstall/types.ts';
import { facts } from './fixture.ts';

const armed = facts({ bootState: 'install', installNumber: 5, stateAtMs: 100 });
const running = started(machineOf(facts({ installNumber: 4 }), 90), {
  facts: armed,
  wave: 1,
  nowMs: 100,
});
const seen = (values: Partial<InstallFacts>, nowMs = 200) =>
  observe(running, facts({ installNumber: 5, stateAtMs: nowMs, ...values }), nowMs);

test('a machine that was armed is done when it boots its disk again', (t) => {
  const booting = seen({ bootState: 'booting' }, 150);
  t.like(booting, { verdict: 'running', bootState: 'booting' });
  const done = observe(booting, facts({ installNumber: 5, stateAtMs: 180 }), 200);
  t.like(done, { verdict: 'done', startedAtMs: 100, endedAtMs: 180 });
});

test('it has failed with the reason that its node has', (t) => {
  t.like(seen({ bootState: 'failed', bootReason: 'no disk' }), {
    verdict: 'failed',
    reason: 'no disk',
    endedAtMs: 200,
  });
});

test('what was said before it was armed comes late, and is nothing', (t) => {
  t.is(seen({ bootState: 'failed', installNumber: 4 }), running);
  t.is(seen({ bootState: 'os', installNumber: 4 }), running);
});

test('one that is under way already is followed, from when it was', (t) => {
  const installing = facts({ bootState: 'installing', installNumber: 2, stateAtMs: 40 });
  t.like(machineOf(installing, 90), { verdict: 'running', wave: 0, startedAtMs: 40 });
  const waiting = machineOf(facts(), 90);
  t.like(waiting, { verdict: 'waiting', startedAtMs: undefined });
  t.like(observe(waiting, installing, 95), { verdict: 'running', wave: 0, startedAtMs: 40 });
  t.like(machineOf(armed, 110), { verdict: 'waiting' });
});

test('one that was not switched on comes back when somebody does so', (t) => {
  const failed = notPowered(running, 'power: no route', 120);
  t.like(failed, { verdict: 'failed', reason: 'power: no route' });
  t.like(observe(failed, armed, 130), { verdict: 'failed' });
  const booting = observe(failed, facts({ ...armed, bootState: 'booting' }), 140);
  t.like(booting, { verdict: 'running', reason: undefined, endedAtMs: undefined });
  t.is(notPowered(booting, 'late', 150), booting);
});

test('one that was too slow stays so while it goes on, and is done when it is', (t) => {
  const slow = overdue(seen({ bootState: 'booting' }), 7_200_000, 300);
  t.like(slow, { verdict: 'failed', reason: 'not done after 120 min; its state is booting' });
  const installing = observe(slow, facts({ ...armed, bootState: 'installing' }), 310);
  t.like(installing, { verdict: 'failed' });
  t.like(observe(installing, facts({ installNumber: 5, stateAtMs: 400 }), 400), {
    verdict: 'done',
    endedAtMs: 400,
  });
});

test('one that an operator arms anew is under way again, one that is removed has failed', (t) => {
  const failed = seen({ bootState: 'failed' });
  const again = observe(failed, facts({ bootState: 'install', installNumber: 6 }), 300);
  t.like(again, { verdict: 'running', installNumber: 6 });
  t.like(observe(again, undefined, 310), { verdict: 'failed', reason: 'it is no node any more' });
  t.like(observe(seen({}), undefined, 310), { verdict: 'done' });
});
