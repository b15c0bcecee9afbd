import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
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
  const { stdout, stderr } = child;
  return { stdout, stderr, closed: once(child, 'close'), kill: child.kill.bind(child) };
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

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test.serial(`${signal} in the middle of a copy leaves all as it was`, async (t) => {
    const { folder, root, scree } = await setUp(t);
    const [small, large] = [join(folder, 'small'), join(folder, 'large')];
    for (const source of [small, large]) {
      await mkdir(source);
      await fill(source, { vmlinuz: `kernel of ${source}`, 'initrd.img': 'initrd' });
    }
    // Without blocks on the disk; only as much is copied as comes before the signal.
    await truncate(join(large, 'initrd.img'), 4 * 1024 ** 3);
    t.is((await scree('boot', 'import', small)).code, 0);
    const before = await readdir(root, { recursive: true });

    const copying = spawnScree(['boot', 'import', large, '-c', join(folder, 'scree.yaml')]);
    t.teardown(() => copying.kill('SIGKILL'));
    const output = Promise.all([text(copying.stdout), text(copying.stderr)]);
    while (!(await isCopied(join(root, 'debian'), 'initrd.'))) await delay(5);
    copying.kill(signal);
    t.deepEqual(await copying.closed, [1, null]);
    t.deepEqual(await output, ['', `scree: stopped by ${signal}; nothing was changed\n`]);
    t.deepEqual(await readdir(root, { recursive: true }), before);
    t.is(await readFile(join(root, 'debian/linux'), 'utf8'), `kernel of ${small}`);
  });
}

/** True when bytes of a file that is not yet in its place are there. */
async function isCopied(folder: string, beginning: string): Promise<boolean> {
  const names = await readdir(folder);
  const staged = names.find((name) => name.startsWith(beginning) && name.endsWith('.tmp'));
  return staged !== undefined && (await stat(join(folder, staged))).size > 0;
}

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
