import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import test from 'ava';
import fc from 'fast-check';
import { joinFiles } from '../../../src/frontend/boot/joined-file.ts';
import type { BootFile } from '../../../src/frontend/boot/types.ts';
import { readParts } from '../../../src/frontend/tftp/thread/read-parts.ts';
import { contentOf, machine, makeRoots, overTftp } from './fixture.ts';

const node = machine();

test('several ramdisks under one name come behind each other, each from where it is found', async (t) => {
  const { roots } = await makeRoots(t, {
    'debian/initrd': 'abcde',
    'agent/overlay': 'general',
    'hosts/compute-0-0/agent/overlay': 'own',
  });
  for (const name of ['debian/initrd,agent/overlay', '/debian/initrd&agent/overlay']) {
    t.is(await contentOf(await roots.resolve(node, name, overTftp)), 'abcde\0\0\0own\0');
  }
  const answer = await roots.resolve(node, 'debian/initrd,agent/overlay', overTftp);
  t.like(answer, { sizeBytes: 12, path: 'debian/initrd,hosts/compute-0-0/agent/overlay' });
});

test('a part that is absent, generated, or leads out, spoils the whole', async (t) => {
  const { roots } = await makeRoots(t, { a: 'a', out: '-> ../secret', 'a,b': 'one file' });
  const ask = async (name: string) => contentOf(await roots.resolve(node, name, overTftp));
  t.regex(await ask('a,gone'), /^absent: .*'gone'/);
  t.regex(await ask('a,boot.ipxe'), /^absent: /);
  t.regex(await ask('a,out'), /^forbidden: /);
  t.regex(await ask('a,../secret'), /^forbidden: /);
  t.is(await ask('a,b'), 'one file');
});

// Alone, for all tests here share the process whose descriptors are counted.
test.serial('nothing stays open when a part cannot be opened', async (t) => {
  const { roots } = await makeRoots(t, { a: 'a' });
  const file = await roots.resolve(node, 'a', overTftp);
  if (file.kind !== 'file') return t.fail();
  const before = (await readdir('/proc/self/fd')).length;
  const broken: BootFile = { ...file, open: () => Promise.reject(new Error('gone')) };
  await t.throwsAsync(joinFiles([file, file, broken]).open(), { message: 'gone' });
  t.is((await readdir('/proc/self/fd')).length, before);
});

test('any part of a joined file is that part of the whole', async (t) => {
  const parts = fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 5 });
  const property = fc.asyncProperty(parts, fc.nat(80), fc.nat(80), async (contents, at, length) => {
    const joined = joinFiles(contents.map((content) => memoryFile(Buffer.from(content))));
    const padded = contents.map((each) => Buffer.concat([each], Math.ceil(each.length / 4) * 4));
    const whole = Buffer.concat(padded);
    const file = await joined.open();
    assert.equal(file.sizeBytes, whole.length);
    assert.deepEqual(await file.read(at, length), whole.subarray(at, at + length));
    const target = Buffer.alloc(length);
    const count = readParts(file.parts, target, at);
    assert.deepEqual(target.subarray(0, count), whole.subarray(at, at + length));
  });
  await t.notThrowsAsync(fc.assert(property, { numRuns: 500 }));
});

function memoryFile(content: Buffer): BootFile {
  const facts = { sizeBytes: content.length, mtimeMs: 0 };
  const read = async (at: number, length: number) => content.subarray(at, at + length);
  return {
    ...{ kind: 'file', path: 'memory', ...facts },
    open: async () => ({ ...facts, read, parts: [{ bytes: content }], close: async () => {} }),
  };
}
