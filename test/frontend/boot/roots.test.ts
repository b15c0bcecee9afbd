import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { createBootRoots } from '../../../src/frontend/boot/roots.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { contentOf, fill, machine, makeRoots, overTftp } from './fixture.ts';

const node = machine();

test('the host root counts before what is generated, that before the general root', async (t) => {
  const { roots, folder } = await makeRoots(t, {
    'pxelinux.cfg/default': 'general',
    'debian/linux': 'kernel',
  });
  const ask = async (path: string) => contentOf(await roots.resolve(node, path, overTftp));
  t.regex(await ask('pxelinux.cfg/default'), /LOCALBOOT/);
  await fill(folder, { 'hosts/compute-0-0/pxelinux.cfg/default': 'own' });
  t.is(await ask('pxelinux.cfg/default'), 'own');
  t.is(await ask('debian/linux'), 'kernel');
  const other = machine({ name: 'compute-0-1' });
  const answer = await roots.resolve(other, 'pxelinux.cfg/default', overTftp);
  t.is(answer.kind, 'generated');
});

test('a machine that nobody knows sees the general root only', async (t) => {
  const { roots } = await makeRoots(t, {
    'pxelinux.cfg/default': 'general',
    'hosts/compute-0-0/key': 'own',
  });
  const ask = async (path: string) => contentOf(await roots.resolve(undefined, path, overTftp));
  t.is(await ask('pxelinux.cfg/default'), 'general');
  t.regex(await ask('hosts/compute-0-0/key'), /^forbidden: /);
  t.regex(await ask('grub/grub.cfg'), /^absent: expected a boot file 'grub\/grub\.cfg'/);
});

test('the twist: which links stand in its root decides what a machine boots', async (t) => {
  const { roots, folder } = await makeRoots(t, {
    'debian/linux': 'Debian',
    'macos/linux': 'MacOS',
    'hosts/compute-0-0/linux': '-> ../../debian/linux',
    'hosts/compute-0-0/system': '-> ../../debian',
  });
  const ask = async (path: string) => contentOf(await roots.resolve(node, path, overTftp));
  t.is(await ask('linux'), 'Debian');
  t.is(await ask('system/linux'), 'Debian');
  const link = join(folder, 'hosts/compute-0-0/linux');
  await rm(link);
  await symlink(join(folder, 'macos/linux'), link);
  t.is(await ask('linux'), 'MacOS');
});

const leadingOut = {
  'hosts/compute-0-0/absolute': '-> /etc/passwd',
  'hosts/compute-0-0/relative': '-> ../../../secret',
  'hosts/compute-0-0/chain': '-> relative',
  'hosts/compute-0-0/folder': '-> ../../..',
  'hosts/compute-0-0/neighbour': '-> ../compute-0-1/key',
  'hosts/compute-0-1/key': 'secret of another',
  general: '-> ../secret',
  peek: '-> hosts/compute-0-1/key',
  device: '-> /dev/zero',
};

for (const path of ['absolute', 'relative', 'chain', 'folder/secret', 'neighbour']) {
  test(`a link of a host root that leads out is refused: ${path}`, async (t) => {
    const { roots } = await makeRoots(t, leadingOut);
    const answer = await roots.resolve(node, path, overTftp);
    t.is(answer.kind === 'refuse' && answer.code, 'forbidden');
  });
}

for (const path of ['general', 'peek', 'device', 'hosts/compute-0-1/key', 'hosts']) {
  test(`the general root leads neither out nor into a host root: ${path}`, async (t) => {
    const { roots } = await makeRoots(t, leadingOut);
    const answer = await roots.resolve(undefined, path, overTftp);
    t.is(answer.kind === 'refuse' && answer.code, 'forbidden');
  });
}

test('a link to nothing hides what the general root has: it was put there on purpose', async (t) => {
  const { roots } = await makeRoots(t, {
    linux: 'general',
    'hosts/compute-0-0/linux': '-> ../../gone',
  });
  const answer = await roots.resolve(node, 'linux', overTftp);
  t.regex(await contentOf(answer), /^broken: .*'hosts\/compute-0-0\/linux', got a link to nothing/);
});

test('folders and pipes are no files, and nobody waits for a pipe', async (t) => {
  const { roots, folder } = await makeRoots(t, { 'debian/linux': 'kernel' });
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  for (const path of ['debian', 'pipe']) {
    const answer = await roots.resolve(node, path, overTftp);
    t.is(answer.kind === 'refuse' && answer.code, 'broken', path);
  }
  t.regex(await contentOf(await roots.resolve(node, 'debian/linux/x', overTftp)), /^absent/);
});

test('what is opened is checked again: a file moved out of the root is not sent', async (t) => {
  const { roots, folder, outside } = await makeRoots(t, { 'debian/linux': 'kernel' });
  const answer = await roots.resolve(node, 'debian/linux', overTftp);
  t.is(answer.kind, 'file');
  await rename(join(folder, 'debian'), `${dirname(outside)}/moved`);
  await symlink(`${dirname(outside)}/moved`, join(folder, 'debian'));
  if (answer.kind === 'file') await t.throwsAsync(answer.open(), { message: /moved out/ });
  await rm(join(folder, 'debian'));
  await mkdir(join(folder, 'debian'));
  await symlink(outside, join(folder, 'debian/linux'));
  if (answer.kind === 'file') await t.throwsAsync(answer.open(), { code: 'ELOOP' });
});

test('while links change all the time, nothing from outside is ever read', async (t) => {
  const { roots, folder, outside } = await makeRoots(t, { good: 'good' });
  let isOver = false;
  const flip = async () => {
    for (let at = 0; !isOver; at += 1) {
      await symlink(at % 2 === 0 ? outside : 'good', join(folder, 'next'));
      await rename(join(folder, 'next'), join(folder, 'flip'));
    }
  };
  const flipping = flip();
  const seen = new Set<string>();
  for (let at = 0; at < 300; at += 1) {
    const answer = await roots.resolve(undefined, 'flip', overTftp);
    const content = await contentOf(answer).catch(() => 'refused');
    seen.add(content.replace(/:.*/s, ''));
  }
  isOver = true;
  await flipping;
  t.true(seen.has('good'));
  t.false(seen.has('secret'));
});

test('names that lead out are refused with what was asked', async (t) => {
  const { roots } = await makeRoots(t, {});
  for (const name of ['../secret', '/../secret', '..\\secret', '%2e%2e/secret', 'a\0']) {
    const answer = await roots.resolve(node, name, overTftp);
    t.is(answer.kind === 'refuse' && answer.code, 'forbidden', name);
  }
});

test('whatever stands in the roots, only what is in them is sent', async (t) => {
  const part = fc.constantFrom('a', 'b', '..', 'hosts', 'compute-0-0', 'compute-0-1');
  const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
  const plain = path.filter((each) => !each.split('/').includes('..'));
  const target = fc.oneof(
    path,
    plain.map((each) => `/tmp/${each}`),
  );
  const entry = fc.tuple(plain, fc.option(target, { nil: undefined }));
  const property = fc.asyncProperty(
    fc.array(entry, { maxLength: 10 }),
    plain,
    async (entries, asked) => {
      const parent = await temporaryFolder(t);
      const folder = join(parent, 'tftpboot');
      await mkdir(folder);
      await writeFile(join(parent, 'a'), 'secret');
      await fillSafely(folder, entries);
      const roots = createBootRoots({ generate: () => undefined }, { folder });
      const answer = await roots.resolve(node, asked, overTftp);
      if (answer.kind !== 'file') return;
      const content = await contentOf(answer);
      assert.notEqual(content, 'secret');
      assert.doesNotMatch(answer.path, /^hosts\/(?!compute-0-0\/)/);
    },
  );
  await t.notThrowsAsync(fc.assert(property, { numRuns: 150 }));
});

test('listed links say what each leads to', async (t) => {
  const { roots } = await makeRoots(t, {
    ...leadingOut,
    'debian/linux': 'kernel',
    'hosts/compute-0-0/boot/linux': '-> ../../../debian/linux',
    'hosts/compute-0-0/note': 'text',
    'hosts/compute-0-0/system': '-> ../../debian',
    'hosts/compute-0-0/gone': '-> nowhere',
  });
  const links = await roots.listLinks(node);
  const shown = links.map(({ name, target, leadsTo }) => {
    const end = leadsTo.kind === 'nothing' ? leadsTo.reason.replace(/.*, got /, '') : leadsTo.path;
    return [name, target, leadsTo.kind, end];
  });
  const out = 'one that leads out';
  t.deepEqual(shown, [
    ['absolute', '/etc/passwd', 'nothing', out],
    ['boot/linux', '../../../debian/linux', 'file', 'debian/linux'],
    ['chain', 'relative', 'nothing', out],
    ['folder', '../../..', 'nothing', out],
    ['gone', 'nowhere', 'nothing', 'a link to nothing'],
    ['neighbour', '../compute-0-1/key', 'nothing', out],
    ['note', undefined, 'file', 'hosts/compute-0-0/note'],
    ['relative', '../../../secret', 'nothing', out],
    ['system', '../../debian', 'folder', 'debian'],
  ]);
  t.deepEqual(await roots.listLinks({ name: 'compute-9-9' }), []);
});

test('a root that is not there yet is an empty one', async (t) => {
  const folder = join(await temporaryFolder(t), 'none');
  const roots = createBootRoots({ generate: () => undefined }, { folder });
  t.regex(await contentOf(await roots.resolve(node, 'linux', overTftp)), /^absent: /);
  t.deepEqual(await roots.listLinks(node), []);
});

test('nothing stays open, and large files are read where asked', async (t) => {
  const { roots } = await makeRoots(t, { big: '0123456789'.repeat(100_000) });
  const answer = await roots.resolve(node, 'big', overTftp);
  t.is(answer.kind, 'file');
  if (answer.kind !== 'file') return;
  t.is(answer.sizeBytes, 1_000_000);
  const file = await answer.open();
  t.is(String(await file.read(999_995, 100)), '56789');
  t.is(String(await file.read(12, 3)), '234');
  t.is((await file.read(1_000_000, 10)).length, 0);
  await file.close();
  await t.throwsAsync(file.read(0, 1));
});

/** Files first, then links: nothing is written through a link. What does not fit is left out. */
async function fillSafely(
  folder: string,
  entries: readonly (readonly [path: string, link: string | undefined])[],
): Promise<void> {
  for (const [path, link] of entries) {
    const absolute = join(folder, path);
    await mkdir(dirname(absolute), { recursive: true }).catch(() => {});
    if (link === undefined) await writeFile(absolute, 'inside').catch(() => {});
  }
  for (const [path, link] of entries) {
    if (link !== undefined) await symlink(link, join(folder, path)).catch(() => {});
  }
}
