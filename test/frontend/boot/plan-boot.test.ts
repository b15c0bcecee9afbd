import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import {
  agentImage,
  type BootActions,
  builtInActions,
  checkBootActions,
  planBoot,
} from '../../../src/frontend/boot/plan-boot.ts';
import type { BootChoice } from '../../../src/protocol/boot-plan.ts';
import { BootTextError, splitArguments } from '../../../src/protocol/boot-text.ts';
import { actions, machine } from './fixture.ts';

const states = ['os', 'install', 'booting', 'installing', 'failed'] as const;
const frontend = { server: '10.77.0.1', token: '3-ab' };

function withArgs(args: string): BootActions {
  const plan: BootChoice = { kind: 'kernel', label: 'x', kernel: 'linux', initrds: [], args };
  return new Map([['x', plan]]);
}

function argsOf(args: string, changes: Parameters<typeof machine>[0] = {}): string | undefined {
  const { plan } = planBoot(
    machine({ ...changes, bootAction: 'x' }),
    { actions: withArgs(args) },
    frontend,
  );
  return plan.kind === 'kernel' ? plan.args : undefined;
}

test('os boots the disk, install and rescue an installer', (t) => {
  const plans = ['os', 'install', 'rescue'].map((bootAction) => {
    const bootState = bootAction === 'install' ? 'install' : 'os';
    return planBoot(machine({ bootAction, bootState }), { actions }, frontend).plan;
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
  const servers = ['10.77.0.1', '10.77.0.1:8080', '[fd00::1]:80', '[fd00::1]', 'front.local:80'];
  const addresses = servers.map((server) => {
    const boot = machine({ bootAction: 'x', bootState: 'os' });
    const plan = planBoot(boot, { actions: withArgs('{frontend}') }, { ...frontend, server }).plan;
    return plan.kind === 'kernel' ? plan.args : plan.kind;
  });
  t.deepEqual(addresses, ['10.77.0.1', '10.77.0.1', 'fd00::1', 'fd00::1', 'front.local']);
});

test('a failed install is not tried again by itself; a rescue system is booted all the same', (t) => {
  const failed = machine({ bootAction: 'install', bootState: 'failed' });
  const planned = planBoot(failed, { actions }, frontend);
  t.deepEqual(planned.plan, { kind: 'local' });
  t.regex(planned.warning ?? '', /scree node boot compute-0-0 install/);
  const rescued = planBoot({ ...failed, bootAction: 'rescue' }, { actions }, frontend);
  t.like(rescued.plan, { label: 'rescue' });
});

test('by policy one whose install has failed waits, and says why', (t) => {
  const settings = { actions, failed: 'wait' } as const;
  const reason = { bootState: 'failed', bootReason: 'no disk found' } as const;
  const failed = machine({ bootAction: 'install', ...reason });
  const text = 'compute-0-0: the install failed: no disk found; waiting for the operator';
  t.deepEqual(planBoot(failed, settings, frontend).plan, { kind: 'wait', text });
  t.like(planBoot({ ...failed, bootAction: 'rescue' }, settings, frontend).plan, {
    label: 'rescue',
  });
  t.deepEqual(planBoot(machine({}), settings, frontend).plan, { kind: 'local' });
});

test('whatever the actions, what installs is booted only while an install is to begin', (t) => {
  const property = fc.property(
    fc.constantFrom(...states),
    fc.constantFrom('os', 'install', 'rescue', 'x', 'gone'),
    fc.subarray(['install', 'rescue', 'x']),
    fc.constantFrom('disk', 'wait', undefined),
    (bootState, bootAction, installing, failed) => {
      const installActions = new Set(installing);
      const settings = { actions: new Map([...actions, ...withArgs('')]), installActions };
      const policy = failed === undefined ? {} : { failed };
      const node = machine({ bootState, bootAction });
      const { plan, warning } = planBoot(node, { ...settings, ...policy }, frontend);
      const isToBegin = bootState === 'install' || bootState === 'booting';
      if (installActions.has(bootAction) && !isToBegin) {
        const isWaiting = bootState === 'failed' && failed === 'wait';
        assert.equal(plan.kind, isWaiting ? 'wait' : 'local');
        const told =
          bootState === 'installing' ? /being installed/ : /'scree node boot compute-0-0 /;
        assert.match(warning ?? '', told);
      } else {
        const isKnown = bootAction !== 'os' && bootAction !== 'gone';
        assert.equal(plan.kind, isKnown ? 'kernel' : 'local');
        assert.equal(warning === undefined, bootAction !== 'gone');
      }
    },
  );
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('an action that is not defined boots the disk, and says so', (t) => {
  const { plan, warning } = planBoot(machine({ bootAction: 'gone' }), { actions }, frontend);
  t.deepEqual(plan, { kind: 'local' });
  t.regex(
    warning ?? '',
    /expected a boot action that is defined \(os, install, rescue, debut\), got 'gone'/,
  );
});

test('the agent goes behind the installer’s ramdisk when its image is there', (t) => {
  const files = { kernel: 'linux', initrds: ['initrd'], agent: agentImage };
  const node = machine({ bootAction: 'install', bootState: 'install' });
  const plan = (hasFile: () => boolean) =>
    planBoot(node, { actions: builtInActions(files), hasFile }, frontend);
  t.like(plan(() => true).plan, { initrds: ['initrd', 'scree/agent.img'] });
  t.is(plan(() => true).warning, undefined);
  const without = plan(() => false);
  t.deepEqual(without.plan.kind === 'kernel' && without.plan.initrds, ['initrd']);
  t.regex(without.warning ?? '', /scree\/agent\.img.*'scree image build' makes it/);
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
