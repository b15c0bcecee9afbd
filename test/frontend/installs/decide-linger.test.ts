import test from 'ava';
import fc from 'fast-check';
import {
  decideLinger,
  type Fellow,
  isNeedy,
  leaseSeconds,
} from '../../../src/frontend/installs/decide-linger.ts';
import { installPhases } from '../../../src/protocol/install-progress.ts';

const nowMs = 10_000_000;
const self: Fellow = {
  ...{ name: 'self', rack: 0, bootState: 'os', stateAtMs: nowMs },
  progress: undefined,
};

function fellow(change: Partial<Fellow>): Fellow {
  const base = { name: 'other', rack: 0, stateAtMs: nowMs - 1000, progress: undefined } as const;
  return { ...base, bootState: 'installing', ...change };
}

function progressOf(change: Partial<NonNullable<Fellow['progress']>>): Fellow['progress'] {
  return { heardAtMs: nowMs, phases: [], packages: undefined, trees: [], ...change };
}

const needed = (...fellows: readonly Fellow[]) => decideLinger(self, fellows, nowMs) > 0;

test('a machine is needed while another of its rack has not got all', (t) => {
  t.false(needed());
  t.true(needed(fellow({})));
  t.true(needed(fellow({ bootState: 'booting' })));
  t.false(needed(fellow({ rack: 1 })));
  t.false(needed(fellow({ rack: undefined })));
  t.false(needed(fellow({ name: 'self' })));
  for (const bootState of ['os', 'failed'] as const) {
    t.false(needed(fellow({ bootState })), bootState);
  }
});

test('those of the next wave are waited for as soon as they are armed, but not for long', (t) => {
  t.true(needed(fellow({ bootState: 'install' })));
  t.false(needed(fellow({ bootState: 'install', stateAtMs: nowMs - 3_600_000 })));
});

test('who has all packages, or is past them, needs nobody', (t) => {
  t.true(needed(fellow({ progress: progressOf({ packages: { done: 8, total: 9 } }) })));
  t.false(needed(fellow({ progress: progressOf({ packages: { done: 9, total: 9 } }) })));
  t.true(needed(fellow({ progress: progressOf({ packages: { done: 9 } }) })));
  const post = [{ name: 'post', atMs: nowMs }] as const;
  t.false(needed(fellow({ progress: progressOf({ phases: [...post] }) })));
});

test('who reads other trees needs others; who reads none yet may need any', (t) => {
  const reader = { ...self, progress: progressOf({ trees: ['debian@1'] }) };
  const other = (trees: readonly string[]) => [fellow({ progress: progressOf({ trees }) })];
  t.is(decideLinger(reader, other(['rocky@1']), nowMs), 0);
  t.is(decideLinger(reader, other(['rocky@1', 'debian@1']), nowMs), leaseSeconds);
  t.is(decideLinger(reader, other([]), nowMs), leaseSeconds);
});

test('who was not heard of for long keeps nobody waiting', (t) => {
  const longAgo = nowMs - 3_600_000;
  t.false(needed(fellow({ stateAtMs: longAgo })));
  t.true(needed(fellow({ stateAtMs: longAgo, progress: progressOf({}) })));
  t.false(needed(fellow({ stateAtMs: longAgo, progress: progressOf({ heardAtMs: longAgo }) })));
});

test('one machine more never makes another less needed, and nobody is needed by the whole', (t) => {
  const progress = fc.option(
    fc.record({
      heardAtMs: fc.nat(nowMs),
      phases: fc
        .subarray([...installPhases])
        .map((names) => names.map((name) => ({ name, atMs: 1 }))),
      packages: fc.option(fc.record({ done: fc.nat(9), total: fc.nat(9) }), { nil: undefined }),
      trees: fc.subarray(['a@1', 'b@1']),
    }),
    { nil: undefined },
  );
  const machine: fc.Arbitrary<Fellow> = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    rack: fc.constantFrom(undefined, 0, 1),
    bootState: fc.constantFrom('os', 'install', 'booting', 'installing', 'failed'),
    stateAtMs: fc.nat(nowMs),
    progress,
  });
  const machines = fc.array(machine, { size: 'max', maxLength: 20 });
  t.notThrows(() =>
    fc.assert(
      fc.property(machine, machines, machine, (one, others, more) => {
        const seconds = decideLinger(one, others, nowMs);
        if (seconds !== 0 && seconds !== leaseSeconds) throw new Error('expected a lease or none');
        if (decideLinger(one, [...others, more], nowMs) < seconds) throw new Error('less needed');
        const isAnyNeedy = others.some((each) => isNeedy(each, nowMs));
        if (!isAnyNeedy && seconds > 0) throw new Error('needed by nobody');
        const rackless = decideLinger({ ...one, rack: undefined }, others, nowMs);
        if (rackless < seconds) throw new Error('expected one without a rack to serve all');
      }),
    ),
  );
});
