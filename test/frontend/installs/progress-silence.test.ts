import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { createInstalls } from '../../../src/frontend/installs/installs.ts';
import { createInstallsProgress } from '../../../src/frontend/installs/progress.ts';
import { openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { macOf } from '../nodes/fixture.ts';

test('an install whose agent tells of progress goes on; when it falls silent, it has failed', async (t) => {
  const clock = { nowMs: Date.now() };
  const nowMs = () => clock.nowMs;
  const nodes = openNodeRecords({ log: silentLog }, { path: ':memory:' });
  const key = Buffer.alloc(32, 1);
  const installs = createInstalls(
    { log: silentLog, nodes, logs: nodes.logs, key, nowMs, monotonicMs: nowMs },
    { silenceLimitMs: 60_000 },
  );
  const progress = createInstallsProgress({ log: silentLog, nodes, installs, nowMs });
  t.teardown(async () => {
    await progress.close();
    await installs.close();
    await nodes.close();
  });
  nodes.store.add({ name: 'a', macs: [macOf(1)] });
  nodes.store.boot(['a'], 'install');
  nodes.store.happen('a', { kind: 'kickstart' });
  const node = () => nodes.store.byName('a') as MachineNode;
  const tell = (sequence: number, done: number) => {
    const phases = [{ name: 'packages' as const, atMs: 1 }];
    const bytes = { frontend: done, peers: 0, rack: 0, fallback: 0 };
    const packages = { done, total: 9 };
    const facts = { run: 'a', sequence, atMs: sequence, agentVersion: '1', trees: [] };
    progress.take(node(), { ...facts, phases, bytes, packages }, undefined);
  };
  for (let turn = 1; turn <= 3; turn += 1) {
    clock.nowMs += 50_000;
    tell(turn, turn);
    await delay(1_100);
    t.is(node().bootState, 'installing');
  }
  // Its agent lives, and says so, but nothing goes on.
  for (const turn of [4, 5]) {
    clock.nowMs += 35_000;
    tell(turn, 3);
  }
  for (let turn = 0; turn < 100 && node().bootState !== 'failed'; turn += 1) await delay(100);
  t.is(node().bootState, 'failed');
  t.regex(node().bootReason ?? '', /for 60 s: .*said: packages, 3 of 9 packages/);
});
