import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import {
  type BootActions,
  builtInActions,
  checkBootActions,
  planBoot,
} from '../../../src/frontend/boot/plan-boot.ts';
import type { BootPlan } from '../../../src/protocol/boot-plan.ts';
import { BootTextError, splitArguments } from '../../../src/protocol/boot-text.ts';
import { actions, machine } from './fixture.ts';

const frontend = { server: '10.77.0.1', token: '3-ab' };

function withArgs(args: string): BootActions {
  const plan: BootPlan = { kind: 'kernel', label: 'x', kernel: 'linux', initrds: [], args };
  return new Map([['x', plan]]);
}

function argsOf(args: string, changes: Parameters<typeof machine>[0] = {}): string | undefined {
  const { plan } = planBoot(machine({ ...changes, bootAction: 'x' }), withArgs(args), frontend);
  return plan.kind === 'kernel' ? plan.args : undefined;
}

test('os boots the disk, install and rescue an installer', (t) => {
  const plans = ['os', 'install', 'rescue'].map((bootAction) => {
    return planBoot(machine({ bootAction }), actions, frontend).plan;
  });
  t.deepEqual(plans[0], { kind: 'local' });
  t.like(plans[1], { kind: 'kernel', label: 'install', kernel: 'debian/linux' });
  t.like(plans[2], { kind: 'kernel', label: 'rescue' });
});

test('each placeholder is filled in, and what a machine has not is empty', (t) => {
  const all = 'a={node} b={role} c={rack} d={rank} e={address} f={server}';
  t.is(argsOf(all), 'a=compute-0-0 b=compute c=0 d=0 e=10.77.0.20 f=10.77.0.1');
  const none = { rack: undefined, rank: undefined, address: undefined };
  t.is(argsOf(all, none), 'a=compute-0-0 b=compute c= d= e= f=10.77.0.1');
});

test('a failed install is not tried again by itself; a rescue system is booted all the same', (t) => {
  const failed = machine({ bootAction: 'install', bootState: 'failed' });
  const planned = planBoot(failed, actions, frontend);
  t.deepEqual(planned.plan, { kind: 'local' });
  t.regex(planned.warning ?? '', /scree node boot compute-0-0 install/);
  const rescued = planBoot({ ...failed, bootAction: 'rescue' }, actions, frontend);
  t.like(rescued.plan, { label: 'rescue' });
});

test('an action that is not defined boots the disk, and says so', (t) => {
  const { plan, warning } = planBoot(machine({ bootAction: 'gone' }), actions, frontend);
  t.deepEqual(plan, { kind: 'local' });
  t.regex(
    warning ?? '',
    /expected a boot action that is defined \(os, install, rescue\), got 'gone'/,
  );
});

test('no value of a machine becomes an argument of its own', (t) => {
  const property = fc.property(fc.string(), fc.string(), (role, name) => {
    try {
      const args = argsOf('a={role} b={node}', { role, name });
      assert.deepEqual(splitArguments(args ?? ''), [`a=${role}`, `b=${name}`]);
    } catch (error) {
      assert.ok(error instanceof BootTextError, String(error));
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('actions are checked where they are defined', (t) => {
  t.notThrows(() => checkBootActions(actions));
  t.notThrows(() => checkBootActions(withArgs('a={server} x={}')));
  for (const args of ['a={nodename}', 'a={constructor}', 'a="b', 'a\nb']) {
    t.throws(() => checkBootActions(withArgs(args)), { code: 'bad-arguments' }, args);
  }
  const wrong = builtInActions({ kernel: '../linux', initrds: [] });
  t.throws(() => checkBootActions(wrong), { code: 'bad-boot-path' });
});
