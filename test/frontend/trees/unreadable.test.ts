import { existsSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { createTaskHasher } from '../../../src/frontend/trees/task-hasher.ts';
import { makeTree } from './fixture.ts';

// Root may read everything: this file's process gives that up.
const nobody = 65_534;
if (process.geteuid?.() === 0) process.seteuid?.(nobody);

test('a folder that may not be read is named, and nothing is changed', async (t) => {
  const tree = await makeTree(t, { a: 'content' });
  await mkdir(join(tree.source, 'secret'));
  await chmod(join(tree.source, 'secret'), 0o000);
  await t.throwsAsync(tree.add(), { code: 'unreadable', message: /secret.*EACCES/ });
  t.false(existsSync(join(tree.state, 'trees', 'lab')));
});

test('a file that may not be read is told', async (t) => {
  const tree = await makeTree(t, { a: 'content' });
  const path = join(tree.source, 'a');
  await chmod(path, 0o000);
  const hashTask = createTaskHasher({
    pieceLengthBytes: 65_536,
    progress: new SharedArrayBuffer(8),
  });
  const part = { at: 0, startByte: 0, endByte: 7, wholeFile: true };
  const task = { startByte: 0, firstPiece: 0, pieceCount: 1, parts: [part] };
  const result = await hashTask({ task, sources: [{ path, identity: undefined }] });
  t.like(result, { kind: 'unreadable', at: 0 });
});

test('a state folder that may not be written to is refused with its name', async (t) => {
  const tree = await makeTree(t, { a: 'content' });
  await mkdir(tree.state);
  await chmod(tree.state, 0o500);
  await t.throwsAsync(tree.add(), { code: 'not-writable', message: /state/ });
  await chmod(tree.state, 0o700);
});
