import test from 'ava';
import fc from 'fast-check';
import { decideEnd, decideStayUntilMs } from '../../../src/installer-agent/control/decide-stay.ts';

const stay = { startedAtMs: 1_000, lingerMs: 120_000, leaseMs: 10_000 };

test('it stays for as long as it is needed, on one word no longer than a lease', (t) => {
  const until = (atMs: number, lingerSeconds: number) =>
    decideStayUntilMs({ ...stay, need: { atMs, lingerSeconds } });
  t.is(until(1_000, 0), 1_000, 'nobody needs it');
  t.is(until(1_000, 10), 11_000);
  t.is(until(60_000, 10), 70_000, 'said anew');
  t.is(until(60_000, 3_600), 70_000);
  t.is(until(120_500, 10), 121_000, 'not beyond the limit');
  t.is(decideStayUntilMs({ ...stay, need: undefined }), 11_000, 'without a word');
  t.is(decideStayUntilMs({ ...stay, lingerMs: 0, need: undefined }), 1_000);
});

test('never beyond the limit, nor beyond a lease after the last word', (t) => {
  const number = fc.nat(1e9);
  const need = fc.option(fc.record({ atMs: number, lingerSeconds: number }), { nil: undefined });
  const any = fc.record({ startedAtMs: number, lingerMs: number, leaseMs: number, need });
  t.notThrows(() =>
    fc.assert(
      fc.property(any, (given) => {
        const untilMs = decideStayUntilMs(given);
        const { startedAtMs, lingerMs, leaseMs } = given;
        const wordAtMs = Math.max(startedAtMs, given.need?.atMs ?? startedAtMs);
        if (untilMs < startedAtMs || untilMs > startedAtMs + lingerMs) throw new Error('limit');
        if (untilMs > wordAtMs + leaseMs) throw new Error('lease');
      }),
    ),
  );
});

test('a failure may still become a success, nothing else is said twice', (t) => {
  t.is(decideEnd('failure', 'success'), 'begin');
  t.is(decideEnd('failure', 'failure'), 'join');
  t.is(decideEnd('success', 'success'), 'join');
  t.is(decideEnd('success', 'failure'), 'join');
});
