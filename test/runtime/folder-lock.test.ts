import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { tryLockFolder } from '../../src/runtime/folder-lock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a folder is locked once for each purpose, by whatever path, until it is released', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'link');
  await symlink('.', path);
  const lock = await tryLockFolder(folder, 'one');
  t.not(lock, undefined);
  t.is(await tryLockFolder(path, 'one'), undefined);
  const other = await tryLockFolder(folder, 'other');
  t.not(other, undefined);
  await lock?.release();
  const again = await tryLockFolder(path, 'one');
  t.not(again, undefined);
  await Promise.all([again?.release(), other?.release()]);
});

test('the lock of a process that was killed is free', async (t) => {
  const folder = await temporaryFolder(t);
  const code =
    "import { tryLockFolder } from './src/runtime/folder-lock.ts';" +
    'console.log((await tryLockFolder(process.argv[1], "one")) !== undefined);' +
    'setInterval(() => {}, 1000);';
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => void child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  t.is(said.toString().trim(), 'true');
  t.is(await tryLockFolder(folder, 'one'), undefined);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = await tryLockFolder(folder, 'one');
  t.not(lock, undefined);
  await lock?.release();
});

test('a folder stays locked whatever happens in it', async (t) => {
  const folder = await temporaryFolder(t);
  const lock = await tryLockFolder(folder, 'one');
  await writeFile(join(folder, 'file'), '');
  await chmod(folder, 0o711);
  t.is(await tryLockFolder(folder, 'one'), undefined);
  await lock?.release();
});

test('a new folder in the place of a locked one is not locked, whatever inode it gets', async (t) => {
  const folder = join(await temporaryFolder(t), 'home');
  for (let turn = 0; turn < 50; turn += 1) {
    await mkdir(folder);
    const lock = await tryLockFolder(folder, 'one');
    await rmdir(folder);
    await mkdir(folder);
    const another = await tryLockFolder(folder, 'one');
    t.not(another, undefined);
    await Promise.all([lock?.release(), another?.release()]);
    await rmdir(folder);
  }
});

test('a folder that is not there is an error', async (t) => {
  await t.throwsAsync(tryLockFolder('/nowhere/at/all', 'one'), { code: 'ENOENT' });
});
