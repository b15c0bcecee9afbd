import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { fill } from '../frontend/boot/fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function setUp(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'scree.yaml');
  await writeFile(config, 'state: state\n');
  const scree = async (...args: readonly string[]) => {
    const { stdout, stderr, ...child } = spawnScree([...args, '-c', config]);
    const [[code], out, err] = await Promise.all([child.closed, text(stdout), text(stderr)]);
    return { code: Number(code), stdout: out, stderr: err };
  };
  return { folder, root: join(folder, 'state', 'tftpboot'), scree };
}

function spawnScree(args: readonly string[]) {
  const child = spawn(resolve('scree'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  return { stdout: child.stdout, stderr: child.stderr, closed: once(child, 'close') };
}

test.serial('a folder is imported, and what came where is said', async (t) => {
  const { folder, root, scree } = await setUp(t);
  const source = join(folder, 'source');
  await mkdir(source);
  await fill(source, { vmlinuz: 'kernel', 'initrd.img': 'initrd', 'ipxe.efi': 'ipxe' });
  const { code, stdout, stderr } = await scree('boot', 'import', source);
  t.is(stderr, '');
  t.is(code, 0);
  t.is(
    stdout.replaceAll(/ +/g, ' '),
    `FILE SIZE\nipxe.efi 4 B\ndebian/linux 6 B\ndebian/initrd 6 B\n3 files, 16 B in ${root}; kernel debian/linux, ramdisk debian/initrd\n`,
  );
  t.true(existsSync(join(root, 'debian/linux')));
  const json = await scree('boot', 'import', source, '--name', 'rescue', '--json');
  t.like(JSON.parse(json.stdout), { kernel: 'rescue/linux', initrd: 'rescue/initrd', missing: [] });
});

test.serial('what cannot be imported is said in one line, and nothing is put there', async (t) => {
  const { folder, root, scree } = await setUp(t);
  const empty = join(folder, 'empty');
  await mkdir(empty);
  const failing = [
    [[empty], /^scree: expected an installer's kernel and ramdisk in '.*', found none of .*\n$/],
    [[join(folder, 'none')], /^scree: expected a folder or an ISO image at '.*', got .*\n$/],
    [[join(folder, 'scree.yaml')], /^scree: expected a folder or an ISO image at '.*', got .*\n$/],
    [[empty, '--name', '../x'], /^scree: expected a name of .*, got '..\/x'\n$/],
  ] as const;
  for (const [args, message] of failing) {
    const { code, stdout, stderr } = await scree('boot', 'import', ...args);
    t.is(code, 1);
    t.is(stdout, '');
    t.regex(stderr, message);
  }
  t.false(existsSync(root));
  t.is((await scree('boot', 'import')).code, 2);
});

test.serial("this machine's packages are imported, or named", async (t) => {
  const { root, scree } = await setUp(t);
  const { code, stdout, stderr } = await scree('boot', 'import', 'debian-netboot');
  if (existsSync('/usr/lib/debian-installer/images')) {
    t.is(code, 0, stderr);
    t.regex(stdout, /; kernel debian\/linux, ramdisk debian\/initrd\n$/);
  } else {
    t.is(code, 1);
    t.regex(stderr, /^scree: .*; apt-get install debian-installer-12-netboot-amd64.*\n$/);
    t.false(existsSync(root));
  }
});

test.serial("a machine's links are listed with what they lead to", async (t) => {
  const { root, scree } = await setUp(t);
  await scree('node', 'add', 'a', '--mac', '52:54:00:00:00:01');
  const none = await scree('node', 'links', 'a');
  t.is(none.stdout, `a has no boot files of its own in ${join(root, 'hosts/a')}\n`);
  await fill(root, {
    'debian/linux': 'kernel',
    'hosts/b/own': 'of b',
    'hosts/a/linux': '-> ../../debian/linux',
    'hosts/a/folder': '-> ../../debian',
    'hosts/a/gone': '-> nothing',
    'hosts/a/other': '-> ../b/own',
    'hosts/a/pxelinux.cfg/default': 'mine',
  });
  const { code, stdout } = await scree('node', 'links', 'a');
  t.is(code, 0);
  t.deepEqual(
    stdout.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | ').replace(/(sent:).*/, '$1')),
    [
      'NAME | LEADS TO | NOTE',
      'folder | debian | a folder',
      'gone | nothing | not sent:',
      'linux | debian/linux | 6 B',
      'other | ../b/own | not sent:',
      'pxelinux.cfg/default | hosts/a/pxelinux.cfg/default | 4 B, a file of its own',
      '',
    ],
  );
  const links = JSON.parse((await scree('node', 'links', 'a', '--json')).stdout);
  t.like(links[2], { name: 'linux', leadsTo: { kind: 'file', path: 'debian/linux' } });
  t.is(links[4].target, null);
  const unknown = await scree('node', 'links', 'none');
  t.is(unknown.code, 1);
  t.regex(unknown.stderr, /^scree: expected the name of a node, got 'none'/);
});
