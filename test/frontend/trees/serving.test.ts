import { appendFileSync, existsSync } from 'node:fs';
import {
  chmod,
  cp,
  link,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { summarizeGenerations } from '../../../src/frontend/trees/stored-trees.ts';
import { createCollectingLog } from '../../support/collecting-log.ts';
import { bytesOf } from '../../support/small-tree.ts';
import { defined, makeTree, manyFiles, readWhole, replaceFile, wrongPieces } from './fixture.ts';

test('any range of the stream and of a file is what the files hold', async (t) => {
  const contents = manyFiles(40, (at) => (at * 4177) % 150_000);
  const tree = await makeTree(t, contents);
  await tree.add();
  const generation = await tree.newest();
  const { files } = generation.manifest;
  const stream = Buffer.concat(files.map(({ path }) => Buffer.from(contents[path] ?? '')));
  const property = fc.asyncProperty(
    fc.nat(stream.length),
    fc.nat(300_000),
    fc.nat(files.length - 1),
    async (offset, length, at) => {
      const end = Math.min(offset + length, stream.length);
      const bytes = await generation.pieces.read(offset, end - offset);
      t.true(bytes.equals(stream.subarray(offset, end)));
      const file = defined(files[at]);
      const startByte = Math.min(offset, file.size);
      const endByte = Math.min(startByte + length, file.size);
      const parts = await Array.fromAsync(generation.read(file, { startByte, endByte }));
      const content = Buffer.from(contents[file.path] ?? '');
      t.true(Buffer.concat(parts).equals(content.subarray(startByte, endByte)));
    },
  );
  await t.notThrowsAsync(fc.assert(property));
});

for (const keep of ['link', 'copy'] as const) {
  test(`keep ${keep}: what a mirror replaced or removed is served for the generation before`, async (t) => {
    const tree = await makeTree(t, { 'pool/a.deb': 'a, first', 'pool/b.deb': 'b', stay: 'stay' });
    await tree.add({ keep });
    await replaceFile(join(tree.source, 'pool/a.deb'), 'a, second, longer');
    await rm(join(tree.source, 'pool/b.deb'));
    const early = await tree.newest();
    t.is(String(await readWhole(early, 'pool/a.deb')), 'a, first');
    await tree.add({ keep });
    const catalog = await tree.open();
    const [first, second] = [defined(catalog.get('lab', 1)), defined(catalog.get('lab', 2))];
    t.is(String(await readWhole(first, 'pool/a.deb')), 'a, first');
    t.is(String(await readWhole(first, 'pool/b.deb')), 'b');
    t.is(String(await readWhole(second, 'pool/a.deb')), 'a, second, longer');
    t.is(second.lookup('pool/b.deb'), undefined);
    t.deepEqual(await wrongPieces(first), []);
    t.deepEqual(await wrongPieces(second), []);
    t.deepEqual(first.changedFiles(), []);
  });
}

test('keep copy: not even writing into a file reaches what is served', async (t) => {
  const tree = await makeTree(t, { a: 'first' });
  await tree.add({ keep: 'copy' });
  await writeFile(join(tree.source, 'a'), 'wrong');
  t.is(String(await readWhole(await tree.newest(), 'a')), 'first');
});

test('keep none: what was replaced is refused and named', async (t) => {
  const tree = await makeTree(t, { a: 'first', b: 'b' });
  await tree.add({ keep: 'none' });
  t.deepEqual(await readdir(join(tree.state, 'trees', 'lab')), ['1']);
  await replaceFile(join(tree.source, 'a'), 'second');
  await rm(join(tree.source, 'b'));
  const generation = await tree.newest();
  await t.throwsAsync(readWhole(generation, 'a'), { code: 'changed', message: /'a'/ });
  await t.throwsAsync(readWhole(generation, 'b'), { code: 'changed', message: /'b'/ });
  t.deepEqual(generation.changedFiles(), ['a', 'b']);
});

test('what lies on another file system is read in place, with a warning', async (t) => {
  const tree = await makeTree(t, { a: 'content' });
  const source = await mkdtemp('/dev/shm/scree-test-');
  t.teardown(() => rm(source, { recursive: true }));
  await writeFile(join(source, 'a'), 'elsewhere');
  const isOther = (await stat(source)).dev !== (await stat(tree.source)).dev;
  const { warnings } = await tree.add({ source });
  t.is(warnings.length, isOther ? 1 : 0);
  if (isOther) t.regex(warnings[0] ?? '', /1 files? (is|are) read in place.*EXDEV.*--keep copy/);
  t.like((await summarizeGenerations(tree.state, 'lab'))[0], { inPlaceCount: warnings.length });
  t.is(String(await readWhole(await tree.newest(), 'a')), 'elsewhere');
  const { isNew, warnings: none } = await tree.add({ source, keep: 'copy' });
  t.deepEqual([isNew, none.length], [false, 0]);
  t.like((await summarizeGenerations(tree.state, 'lab'))[0], { keep: 'copy', inPlaceCount: 0 });
  await rm(join(source, 'a'));
  t.is(String(await readWhole(await tree.newest(), 'a')), 'elsewhere');
});

test('a change of keep applies at the next add, also when nothing else changed', async (t) => {
  const tree = await makeTree(t, { a: 'first' });
  await tree.add({ keep: 'none' });
  const catalog = await tree.open();
  t.false((await tree.add({ keep: 'copy' })).isNew);
  await catalog.reload();
  await writeFile(join(tree.source, 'a'), 'wrong');
  t.is(String(await readWhole(defined(catalog.newest('lab')), 'a')), 'first');
});

const changesInPlace: Readonly<Record<string, (path: string) => Promise<void>>> = {
  grown: async (path) => appendFileSync(path, 'more'),
  'of the same size': (path) => writeFile(path, 'wrong bytes'),
  'of the same size, with its time put back': async (path) => {
    const { atime, mtime } = await stat(path);
    await writeFile(path, 'wrong bytes');
    await utimes(path, atime, mtime);
  },
};

for (const [how, change] of Object.entries(changesInPlace)) {
  test(`a file changed in place, ${how}, is noticed, named and not served`, async (t) => {
    const { log, lines } = createCollectingLog();
    const tree = await makeTree(t, { a: 'right bytes', other: 'other' });
    await tree.add();
    const generation = await tree.newest(log);
    t.is(String(await readWhole(generation, 'a')), 'right bytes');
    await change(join(tree.source, 'a'));
    const { file, offsetBytes } = defined(generation.lookup('a'));
    await t.throwsAsync(readWhole(generation, 'a'), { code: 'changed', message: /'a'/ });
    await t.throwsAsync(generation.check(file), { code: 'changed' });
    await t.throwsAsync(generation.pieces.read(offsetBytes, 3), { code: 'changed' });
    t.is(String(await readWhole(generation, 'other')), 'other');
    t.deepEqual(generation.changedFiles(), ['a']);
    const warnings = lines.filter(({ level }) => level === 'warn');
    t.deepEqual(
      warnings.map(({ fields }) => fields.path),
      ['a'],
    );
  });
}

test('a file that is put right again is served again', async (t) => {
  const tree = await makeTree(t, { a: 'right bytes' });
  await tree.add({ keep: 'none' });
  const generation = await tree.newest();
  await replaceFile(join(tree.source, 'a'), 'wrong bytes');
  await t.throwsAsync(readWhole(generation, 'a'), { code: 'changed' });
  await replaceFile(join(tree.source, 'a'), 'right bytes');
  t.is(String(await readWhole(generation, 'a')), 'right bytes');
  t.deepEqual(generation.changedFiles(), []);
});

test('a file that was only linked, touched or set another mode is looked at once', async (t) => {
  const { log, lines } = createCollectingLog();
  const tree = await makeTree(t, { a: 'content' });
  const path = join(tree.source, 'a');
  await tree.add();
  const looks = () => lines.filter(({ event }) => event.includes('same content')).length;
  const generation = await tree.newest(log);
  for (const change of [
    () => link(path, `${path}.link`),
    () => chmod(path, 0o600),
    () => utimes(path, 5, 5),
  ]) {
    const before = looks();
    await change();
    for (let round = 0; round < 3; round += 1) {
      t.is(String(await readWhole(generation, 'a')), 'content');
    }
    t.is(looks(), before + 1);
  }
  // Remembered for the next start, too.
  t.is(String(await readWhole(await tree.newest(log), 'a')), 'content');
  t.is(looks(), 3);
});

test('a large file that was only linked is checked without holding the others up', async (t) => {
  const content = bytesOf('large', 6_000_000);
  const tree = await makeTree(t, { large: content });
  await tree.add();
  await link(join(tree.source, 'large'), join(tree.source, 'link'));
  const generation = await tree.newest();
  const readings = [0, 1, 2].map(() => readWhole(generation, 'large'));
  for (const bytes of await Promise.all(readings)) t.true(bytes.equals(content));
});

test('a state folder that was moved, or played back from a backup, is served', async (t) => {
  const tree = await makeTree(t, { a: 'content' });
  await tree.add();
  await cp(join(tree.state, 'trees'), join(tree.state, 'copy'), {
    recursive: true,
    preserveTimestamps: true,
  });
  await rm(join(tree.state, 'trees'), { recursive: true });
  await rename(join(tree.state, 'copy'), join(tree.state, 'trees'));
  t.is(String(await readWhole(await tree.newest(), 'a')), 'content');
});

test('a file that became a link to another is refused, even to one with the same content', async (t) => {
  const tree = await makeTree(t, { a: 'content', b: 'content' });
  await tree.add({ keep: 'none' });
  await rm(join(tree.source, 'a'));
  await symlink('b', join(tree.source, 'a'));
  await t.throwsAsync(readWhole(await tree.newest(), 'a'), { code: 'changed' });
});

test('after a change in place and an add, the new generation is right and the old one refuses', async (t) => {
  const tree = await makeTree(t, { a: 'first' });
  await tree.add();
  await writeFile(join(tree.source, 'a'), 'other');
  await tree.add();
  const catalog = await tree.open();
  await t.throwsAsync(readWhole(defined(catalog.get('lab', 1)), 'a'), { code: 'changed' });
  t.is(String(await readWhole(defined(catalog.get('lab', 2)), 'a')), 'other');
  // The first content comes back under a new file: what was kept for it must be replaced.
  await replaceFile(join(tree.source, 'a'), 'first');
  await tree.add();
  await catalog.reload();
  t.is(String(await readWhole(defined(catalog.get('lab', 3)), 'a')), 'first');
  t.is(String(await readWhole(defined(catalog.get('lab', 1)), 'a')), 'first');
});

test('no more files stay open than allowed, however many are read', async (t) => {
  const tree = await makeTree(
    t,
    manyFiles(600, () => 10),
  );
  await tree.add();
  const generation = await tree.newest();
  const before = (await readdir('/proc/self/fd')).length;
  t.deepEqual(await wrongPieces(generation), []);
  const readings = generation.manifest.files.map(({ path }) => readWhole(generation, path));
  await Promise.all(readings);
  t.true((await readdir('/proc/self/fd')).length <= before + 256 + 20);
});

test('a generation is served as its source was removed altogether', async (t) => {
  const tree = await makeTree(
    t,
    manyFiles(20, () => 5000),
  );
  await tree.add();
  await rm(tree.source, { recursive: true });
  const generation = await tree.newest();
  t.deepEqual(await wrongPieces(generation), []);
  t.true(existsSync(join(tree.state, 'trees', 'lab', '1', 'adopted.jsonl')));
  const lines = await readFile(join(tree.state, 'trees', 'lab', '1', 'adopted.jsonl'), 'utf8');
  t.is(lines.trimEnd().split('\n').length, 20);
});
