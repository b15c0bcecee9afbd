import { chmod, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { defined, makeTree, readWhole, wrongPieces } from '../frontend/trees/fixture.ts';
import { bytesOf } from '../support/small-tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTool } from '../support/tool.ts';

const deep = 'one/two/three/four/five/six/seven/eight/nine/ten/file';
const contents: Readonly<Record<string, Buffer>> = {
  Release: Buffer.from('Suite: stable\n'),
  empty: Buffer.alloc(0),
  'boot/vmlinuz': bytesOf('vmlinuz', 3_000_000),
  'pool/main/a+b~1:2%2f_amd64.deb': bytesOf('deb', 70_000),
  'größe/日本語 name.rpm': bytesOf('rpm', 12_345),
  [`long/${'n'.repeat(240)}`]: Buffer.from('a long name'),
  [deep]: Buffer.from('deep down'),
};
const mtime = new Date('2024-03-05T10:20:30Z');

async function makeImage(t: ExecutionContext, options: readonly string[]): Promise<string> {
  const folder = await temporaryFolder(t);
  const root = join(folder, 'root');
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
    await utimes(join(root, path), mtime, mtime);
  }
  // Enough for a directory of several sectors.
  for (let at = 0; at < 300; at += 1) await writeFile(join(root, 'pool', `package-${at}`), `${at}`);
  await symlink('.', join(root, 'debian'));
  await symlink('../pool/./main', join(root, 'boot', 'main'));
  await symlink(`../${'x/../'.repeat(60)}pool`, join(root, 'boot', 'winding'));
  await symlink('/etc/passwd', join(root, 'outside'));
  await mkdir(join(root, 'x'));
  await chmod(join(root, 'Release'), 0o600);
  const image = join(folder, 'disc.iso');
  await runTool([
    'env',
    // How it reads names depends on it.
    'LC_ALL=C.UTF-8',
    'xorriso',
    '-report_about',
    'WARNING',
    '-as',
    'mkisofs',
    ...options,
    '-o',
    image,
    root,
  ]);
  return image;
}

for (const [what, options] of [
  ['Rock Ridge', ['-R']],
  ['Rock Ridge beside Joliet', ['-R', '-J', '-joliet-long']],
  ['Rock Ridge with deep folders moved', ['-R', '-rr_reloc_dir', 'rr_moved']],
  ['Rock Ridge at level 3', ['-R', '-iso-level', '3']],
] as const) {
  test(`${what}: an image of xorriso holds what the folder held`, async (t) => {
    const tree = await makeTree(t, {});
    const report = await tree.add({ source: await makeImage(t, options) });
    t.is(report.fileCount, Object.keys(contents).length + 300);
    t.is(report.warnings.length, 1, report.warnings.join());
    t.regex(report.warnings[0] ?? '', /outside/);
    const generation = await tree.newest();
    for (const [path, content] of Object.entries(contents)) {
      t.true((await readWhole(generation, path)).equals(content), path);
      t.is(defined(generation.lookup(path)).file.mtimeMs, mtime.getTime());
    }
    t.is(String(await readWhole(generation, 'debian/debian/pool/package-299')), '299');
    t.is(String(await readWhole(generation, 'boot/winding/package-7')), '7');
    t.truthy(generation.lookup('boot/main/a+b~1:2%2f_amd64.deb'));
    t.deepEqual(await wrongPieces(generation), []);
  });
}

test('Joliet alone: the long names are there', async (t) => {
  const tree = await makeTree(t, {});
  await tree.add({ source: await makeImage(t, ['-J', '-joliet-long', '--norock']) });
  const generation = await tree.newest();
  t.is(
    String(await readWhole(generation, 'größe/日本語 name.rpm').then((bytes) => bytes.length)),
    '12345',
  );
});

test('without extensions the names are in lower case', async (t) => {
  const tree = await makeTree(t, {});
  await tree.add({ source: await makeImage(t, ['--norock']) });
  const generation = await tree.newest();
  t.is(String(await readWhole(generation, 'release')), 'Suite: stable\n');
  t.deepEqual(await readWhole(generation, 'boot/vmlinuz'), contents['boot/vmlinuz'] ?? null);
});
