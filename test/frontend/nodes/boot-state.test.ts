import test from 'ava';
import fc from 'fast-check';
import {
  type BootEvent,
  type BootEventKind,
  nextBoot,
  orderedBoot,
  transitions,
} from '../../../src/frontend/nodes/boot-state.ts';
import type { BootState, MachineNode } from '../../../src/frontend/nodes/types.ts';
import { machine } from '../boot/fixture.ts';

const kinds = Object.keys(transitions) as readonly BootEventKind[];
const machines: readonly BootEventKind[] = [
  'boot-file',
  'kickstart',
  'success',
  'failure',
  'silence',
];
const event = fc.constantFrom(...kinds).map((kind): BootEvent => ({ kind }));

/** The states that a machine goes through. */
function statesAfter(node: MachineNode, events: readonly BootEventKind[]): readonly BootState[] {
  let now = node;
  return events.map((kind) => {
    now = nextBoot(now, { kind }, 1);
    return now.bootState;
  });
}

test('an install goes from the order by way of boot files and kickstart to the disk', (t) => {
  const way = ['arm', 'boot-file', 'boot-file', 'kickstart', 'kickstart', 'success'] as const;
  t.deepEqual(statesAfter(machine({}), way), [
    ...(['install', 'booting', 'booting', 'installing', 'installing', 'os'] as const),
  ]);
});

test('a machine that is switched on again in the middle fails, and boots its disk from then on', (t) => {
  const way = ['arm', 'boot-file', 'kickstart', 'boot-file', 'boot-file', 'kickstart'] as const;
  t.deepEqual(statesAfter(machine({}), way).slice(3), ['failed', 'failed', 'failed']);
  const failed = nextBoot(machine({ bootState: 'installing' }), { kind: 'boot-file' }, 7);
  t.is(failed.bootReason, 'it was switched on again before its install had ended');
  t.is(failed.stateAtMs, 7);
});

test('whatever machines do, only an operator makes one install again', (t) => {
  const property = fc.property(
    fc.array(event, { size: 'max', maxLength: 40 }),
    fc.array(fc.constantFrom(...machines), { size: 'max', maxLength: 40 }),
    (before, after) => {
      const start = before.reduce((node, each) => nextBoot(node, each, 1), machine({}));
      const states = statesAfter(start, after);
      // Each state on the way from the order to its end is entered once at most.
      const rank = { install: 0, booting: 1, installing: 2, failed: 3, os: 4 };
      const ranks = [start.bootState, ...states].map((state) => rank[state]);
      return ranks.every((each, at) => at === 0 || each >= (ranks[at - 1] ?? 0));
    },
  );
  t.notThrows(() => fc.assert(property));
});

test('the same event twice is one, and says so by changing nothing', (t) => {
  const property = fc.property(
    fc.array(event, { size: 'max', maxLength: 20 }),
    fc.constantFrom(...kinds.filter((kind) => !['arm', 'again', 'boot-file'].includes(kind))),
    (before, kind) => {
      const start = before.reduce((node, each) => nextBoot(node, each, 1), machine({}));
      const once = nextBoot(start, { kind }, 2);
      return nextBoot(once, { kind }, 3) === once;
    },
  );
  t.notThrows(() => fc.assert(property));
  const armed = nextBoot(machine({}), { kind: 'arm' }, 1);
  t.is(nextBoot(armed, { kind: 'arm' }, 2), armed);
});

test('a reason is kept in one short line while the machine has failed, and not beyond', (t) => {
  const installing = machine({ bootState: 'installing', bootAction: 'install' });
  const reason = `no\n\u0000disk${'x'.repeat(1000)}`;
  const failed = nextBoot(installing, { kind: 'failure', reason }, 1);
  t.regex(failed.bootReason ?? '', /^no diskx{293}$/);
  t.is(nextBoot(failed, { kind: 'failure', reason: 'another' }, 2), failed);
  t.is(nextBoot(failed, { kind: 'arm' }, 2).bootReason, undefined);
  const late = nextBoot(failed, { kind: 'success' }, 2);
  t.like(late, { bootState: 'os', bootAction: 'os', bootReason: undefined });
});

test('a machine begins an install of its own only from its disk, and as any other', (t) => {
  for (const bootState of ['os', 'install', 'booting', 'installing', 'failed'] as const) {
    const node = machine({ bootState, bootAction: 'rescue', installNumber: 4 });
    const after = nextBoot(node, { kind: 'again' }, 7);
    if (bootState !== 'os') t.is(after, node, bootState);
    else t.like(after, { bootState: 'install', bootAction: 'install', installNumber: 5 });
  }
});

test('an order is followed in every state, and no install is begun twice for it', (t) => {
  const property = fc.property(
    fc.array(event, { size: 'max', maxLength: 20 }),
    fc.constantFrom('os', 'install', 'rescue', 'kiosk'),
    fc.boolean(),
    (before, action, installs) => {
      const start = before.reduce((node, each) => nextBoot(node, each, 1), machine({}));
      const order = { action, installs };
      const after = orderedBoot(start, order, 2);
      if (after.bootAction !== action) return false;
      const isNew = installs && start.bootState !== 'install';
      if (after.installNumber !== start.installNumber + (isNew ? 1 : 0)) return false;
      if (installs) return after.bootState === 'install' && after.bootReason === undefined;
      if (action === 'os') return after.bootState === 'os';
      return after.bootState === (start.bootState === 'failed' ? 'failed' : 'os');
    },
  );
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});
