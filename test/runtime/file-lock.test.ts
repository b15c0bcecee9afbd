import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { tryLockFile } from '../../src/runtime/file-lock.ts';

async function lockPath(t: { teardown: (end: () => Promise<void>) => void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scree-lock-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return join(folder, 'inside', 'lock');
}

test('a lock is had by one at a time, and its file goes with it', async (t) => {
  const path = await lockPath(t);
  const first = await tryLockFile(path);
  t.truthy(first);
  t.is(await tryLockFile(path), undefined);
  first?.release();
  t.false(existsSync(path));
  const second = await tryLockFile(path);
  t.truthy(second);
  first?.release();
  t.is(await tryLockFile(path), undefined);
  second?.release();
});

test('the lock of a process that was killed is free at once', async (t) => {
  const path = await lockPath(t);
  const module = new URL('../../src/runtime/file-lock.ts', import.meta.url).href;
  const script = `const { tryLockFile } = await import(${JSON.stringify(module)});
    console.log((await tryLockFile(${JSON.stringify(path)})) !== undefined);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said] = await once(child.stdout, 'data');
  t.is(String(said).trim(), 'true');
  t.is(await tryLockFile(path), undefined);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = await tryLockFile(path);
  t.truthy(lock);
  lock?.release();
});

test('of many who want it at the same time, one has it at any moment', async (t) => {
  const path = await lockPath(t);
  let holders = 0;
  let taken = 0;
  const contender = async () => {
    for (let round = 0; round < 20; round += 1) {
      const lock = await tryLockFile(path);
      if (lock === undefined) continue;
      holders += 1;
      taken += 1;
      t.is(holders, 1);
      await new Promise((resolve) => setImmediate(resolve));
      holders -= 1;
      lock.release();
    }
  };
  await Promise.all(Array.from({ length: 5 }, contender));
  t.true(taken > 0);
});
