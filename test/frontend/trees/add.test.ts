import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import createTorrent from 'create-torrent';
import fc from 'fast-check';
import parseTorrent from 'parse-torrent';
import { readManifestPublicKey } from '../../../src/frontend/trees/keys.ts';
import { parseManifest } from '../../../src/protocol/manifest.ts';
import { type Contents, defined, makeTree, manyFiles, readWhole, wrongPieces } from './fixture.ts';

/** What create-torrent makes of the same files in the same order. */
function torrentOf(name: string, files: readonly (readonly [string, Buffer])[]) {
  const input = files.map(([path, content]) =>
    Object.assign(Buffer.from(content), { name: `${name}/${path}` }),
  );
  const options = { name, pieceLength: 65_536, private: true, announceList: [], urlList: [] };
  return new Promise<Uint8Array>((resolve, reject) => {
    createTorrent(input, options, (error, torrent) => (error ? reject(error) : resolve(torrent)));
  });
}

// None is empty: create-torrent makes a piece of nothing where an empty file stands.
const someContents = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,3}(\/[a-z+~% :ü]{1,3}[a-z]){0,2}$/),
  fc.integer({ min: 1, max: 200_000 }),
  { minKeys: 2, maxKeys: 25 },
);

/** Without paths that would have to be a file and a folder at once. */
function toContents(sizes: Readonly<Record<string, number>>): Contents {
  const paths = Object.keys(sizes);
  const isFolder = (path: string) => paths.some((other) => other.startsWith(`${path}/`));
  const files = paths.filter((path) => !isFolder(path));
  return Object.fromEntries(files.map((path) => [path, Buffer.alloc(sizes[path] ?? 0, path)]));
}

test('the torrent is the one that create-torrent makes of the same files', async (t) => {
  const property = fc.asyncProperty(someContents, async (sizes) => {
    const contents = toContents(sizes);
    // Of one file it would make a single-file torrent.
    fc.pre(Object.keys(contents).length > 1);
    const tree = await makeTree(t, contents);
    const report = await tree.add();
    const generation = await tree.newest();
    const ordered = generation.manifest.files.map(
      ({ path }) => [path, Buffer.from(contents[path] ?? '')] as const,
    );
    const expected = await parseTorrent(await torrentOf('lab@1', ordered));
    t.is(report.infohash, expected.infoHash);
    t.is(generation.metainfo.infohash, expected.infoHash);
    t.deepEqual(
      generation.manifest.files.map(({ path }) => path),
      Object.keys(contents).toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
    t.deepEqual(await wrongPieces(generation), []);
    for (const { path, sha256 } of generation.manifest.files) {
      const content = contents[path] ?? '';
      t.is(sha256, createHash('sha256').update(content).digest('hex'));
      t.deepEqual(await readWhole(generation, path), Buffer.from(content));
    }
  });
  await t.notThrowsAsync(fc.assert(property, { numRuns: 15 }));
});

test('the manifest is signed with the key of the state folder, which only its owner reads', async (t) => {
  const tree = await makeTree(t, { a: 'content' });
  await tree.add();
  const publicKey = defined(await readManifestPublicKey(tree.state));
  const { manifestText } = await tree.newest();
  const manifest = parseManifest(manifestText, publicKey);
  t.is(manifest.tree, 'lab');
  t.is(manifest.generation, 1);
  const pem = await readFile(join(tree.state, 'keys', 'manifest.pub'), 'utf8');
  t.is(pem, publicKey.export({ type: 'spki', format: 'pem' }).toString());
});

test('odd names, hard links and empty files are part of the tree', async (t) => {
  const names = [
    'with space',
    'a+b~1:2%2f#?&.deb',
    'größe/Ελληνικά/日本語.rpm',
    '-rf',
    '.hidden',
    'quote\'"\\',
    'line\nbreak',
    'e\u0301',
    '\u00e9',
    '~'.repeat(255),
  ];
  const contents = Object.fromEntries(names.map((name) => [name, `content of ${name}`]));
  const tree = await makeTree(t, { ...contents, empty: '' });
  await link(join(tree.source, 'with space'), join(tree.source, 'hard link'));
  const report = await tree.add();
  t.deepEqual(report.warnings, []);
  const generation = await tree.newest();
  for (const name of names) t.is(String(await readWhole(generation, name)), `content of ${name}`);
  t.is(String(await readWhole(generation, 'hard link')), 'content of with space');
  t.is(String(await readWhole(generation, 'empty')), '');
  t.deepEqual(await wrongPieces(generation), []);
  t.false((await tree.add()).isNew);
});

test('links inside are followed, links that lead out or nowhere are named', async (t) => {
  const tree = await makeTree(t, { 'dists/bookworm/Release': 'suite' });
  const links = {
    'dists/stable': 'bookworm',
    'dists/current': './stable',
    debian: '.',
    absolute: join(tree.source, 'dists'),
    out: '/etc/passwd',
    up: '../source/../../etc',
    dangling: 'nowhere',
    loop: 'loop',
  };
  for (const [path, target] of Object.entries(links))
    await symlink(target, join(tree.source, path));
  const report = await tree.add();
  t.is(report.linkCount, 4);
  t.is(report.warnings.length, 4);
  for (const name of ['out', 'up', 'dangling', 'loop']) {
    t.true(
      report.warnings.some((warning) => warning.includes(`'${name}'`)),
      name,
    );
  }
  const generation = await tree.newest();
  for (const path of ['dists/stable', 'dists/current', 'debian/dists/stable', 'absolute/current']) {
    t.is(String(await readWhole(generation, `${path}/Release`)), 'suite');
  }
  t.is(generation.lookup('out'), undefined);
});

test('sockets, pipes and names that are not UTF-8 are left out and named', async (t) => {
  const tree = await makeTree(t, { a: 'content' });
  const server = createServer().listen(join(tree.source, 'socket'));
  t.teardown(() => void server.close());
  await writeFile(Buffer.concat([Buffer.from(`${tree.source}/caf`), Buffer.from([0xe9])]), 'x');
  const { warnings } = await tree.add();
  t.is(warnings.length, 2);
  t.true(warnings.some((warning) => warning.includes("'socket': a socket")));
  t.true(warnings.some((warning) => warning.includes('caf\\xe9')));
});

test('a folder without files, one that is not there and one around the state are refused', async (t) => {
  const tree = await makeTree(t, {});
  await t.throwsAsync(tree.add(), { code: 'empty', message: /got no files/ });
  await writeFile(join(tree.source, 'nothing'), '');
  await t.throwsAsync(tree.add(), { code: 'empty', message: /only empty files/ });
  await t.throwsAsync(tree.add({ source: join(tree.source, 'no') }), { code: 'unreadable' });
  await t.throwsAsync(tree.add({ source: join(tree.source, 'nothing') }), { code: 'bad-source' });
  await t.throwsAsync(tree.add({ source: join(tree.source, '..') }), { code: 'bad-source' });
  await t.throwsAsync(tree.add({ name: 'Lab' }), { code: 'bad-tree-name' });
  t.false(existsSync(join(tree.state, 'trees', 'lab')));
});

test('a file of more than 4 GiB has its own place in the torrent', async (t) => {
  const size = 2 ** 32 + 5;
  const tree = await makeTree(t, { after: 'the end' });
  await writeFile(join(tree.source, 'Huge'), '');
  await truncate(join(tree.source, 'Huge'), size);
  const { totalBytes } = await tree.add();
  t.is(totalBytes, size + 7);
  const generation = await tree.newest();
  const huge = defined(generation.lookup('Huge')).file;
  t.is(huge.size, size);
  // The SHA-256 of 4,294,967,301 zeros.
  t.is(huge.sha256, '709fc0b74f7c916cedccb212d681c035f36ffbb31ebfe806eb40c31592744eb5');
  t.is(generation.metainfo.pieceLengthBytes, 131_072);
  const tail = await generation.pieces.read(2 ** 32, 12);
  t.is(tail.toString('latin1'), '\0\0\0\0\0the end');
});

test('20,000 files are added, found and served', async (t) => {
  const count = 20_000;
  const tree = await makeTree(
    t,
    manyFiles(count, (at) => at % 50),
  );
  const { fileCount } = await tree.add();
  t.is(fileCount, count);
  const generation = await tree.newest();
  const { file } = defined(generation.lookup(`d${19_997 % 7}/f19997`));
  await t.notThrowsAsync(generation.check(file));
  t.deepEqual(await wrongPieces(generation), []);
});

test('a second add without a change makes no generation and hashes nothing', async (t) => {
  const tree = await makeTree(
    t,
    manyFiles(50, (at) => at * 1000),
  );
  t.true((await tree.add()).isNew);
  const again = await tree.add();
  t.false(again.isNew);
  t.is(again.generation, 1);
  t.is(again.hashedBytes, 0);
  t.deepEqual(
    (await tree.open()).all().map(({ generation }) => generation),
    [1],
  );
});

test('another time of a file is another generation, without hashing pieces of others', async (t) => {
  const tree = await makeTree(
    t,
    manyFiles(200, () => 40_000),
  );
  await tree.add();
  await utimes(join(tree.source, 'd0/f00000'), 1, 1);
  const report = await tree.add();
  t.is(report.generation, 2);
  t.true(report.hashedBytes <= 40_000 + 2 * 65_536);
  t.is((await tree.newest()).lookup('d0/f00000')?.file.mtimeMs, 1000);
});

test('after a file in the middle has gone and others came, little is hashed again', async (t) => {
  const tree = await makeTree(
    t,
    manyFiles(600, (at) => 1_000 + ((at * 7919) % 90_000)),
  );
  const first = await tree.add();
  await rm(join(tree.source, 'd2/f00030'));
  await writeFile(join(tree.source, 'd0/a-new-one'), Buffer.alloc(77_777, 'n'));
  const second = await tree.add();
  t.is(second.generation, 2);
  t.true(second.hashedBytes < first.totalBytes / 4, `${second.hashedBytes}`);
  t.is(second.hashedBytes + second.reusedBytes, second.totalBytes);
  t.deepEqual(await wrongPieces(await tree.newest()), []);
});

test('going back to what was before hashes nothing', async (t) => {
  const tree = await makeTree(
    t,
    manyFiles(20, () => 50_000),
  );
  await tree.add();
  const extra = join(tree.source, 'zz');
  await writeFile(extra, 'x'.repeat(200_000));
  await tree.add();
  await rm(extra);
  const third = await tree.add();
  t.is(third.generation, 3);
  t.is(third.hashedBytes, 0);
});

test('a file that changes once while it is hashed is hashed again', async (t) => {
  const tree = await makeTree(t, { small: 'x' });
  const path = join(tree.source, 'large');
  await writeFile(path, 'start');
  await truncate(path, 400_000_000);
  let calls = 0;
  const onProgress = () => {
    calls += 1;
    if (calls === 1) void writeFile(path, 'start again');
  };
  const { generation } = await tree.add({ onProgress });
  t.is(generation, 1);
  t.is(String(await readWhole(await tree.newest(), 'large')), 'start again');
});

test('a file that is written to all the time is named, and nothing is there then', async (t) => {
  const tree = await makeTree(t, { busy: '' });
  await mkdir(join(tree.source, 'sub'));
  await truncate(join(tree.source, 'busy'), 300_000_000);
  let time = 1;
  const onProgress = () => {
    time += 1;
    void utimes(join(tree.source, 'busy'), time, time);
  };
  await t.throwsAsync(tree.add({ onProgress }), { code: 'changed', message: /'busy'/ });
  t.false(existsSync(join(tree.state, 'trees', 'lab')));
});

test('an add that is stopped leaves nothing behind', async (t) => {
  const tree = await makeTree(t, { small: 'x' });
  await truncate(join(tree.source, 'small'), 500_000_000);
  const abort = new AbortController();
  const reason = new Error('enough');
  const onProgress = () => abort.abort(reason);
  await t.throwsAsync(tree.add({ signal: abort.signal, onProgress }), { is: reason });
  t.false(existsSync(join(tree.state, 'trees', 'lab')));
});

test('two adds of one tree at once do not meet; two trees do not mind each other', async (t) => {
  const tree = await makeTree(
    t,
    manyFiles(300, () => 3000),
  );
  const results = await Promise.allSettled([tree.add(), tree.add(), tree.add({ name: 'other' })]);
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  t.deepEqual(
    errors.map((error) => error.code),
    ['busy'],
  );
  t.is((await tree.open()).all().length, 2);
});
