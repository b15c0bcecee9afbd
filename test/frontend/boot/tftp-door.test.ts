import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createTftpDoor } from '../../../src/frontend/boot/tftp-door.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { serveInThread } from '../tftp/fixture.ts';
import { download, readRequest } from '../tftp/raw-client.ts';
import { machine, makeRoots } from './fixture.ts';

/** TFTP over real roots; the client is this node, or nobody. */
async function setUp(
  t: ExecutionContext,
  contents: Readonly<Record<string, string>>,
  node?: MachineNode,
) {
  const { folder, roots } = await makeRoots(t, contents);
  const who = () => ({ node, machine: node?.name, isCertain: true });
  const open = createTftpDoor({ roots, who, serverFor: () => '10.77.0.1' });
  const server = await serveInThread(t, open);
  const fetch = async (path: string, mode = 'octet') =>
    String((await download(server.port, readRequest(path, {}, mode))).bytes);
  return { ...server, folder, fetch };
}

const files = {
  'pxelinux.0': 'loader',
  'boot/x64/wdsnbp.com': 'windows',
  'etc/shadow': 'a decoy',
  'hosts/compute-0-0/linux': 'its own',
  'hosts/compute-0-1/linux': 'another machine’s',
  out: '-> ../secret',
  'hosts/compute-0-0/out': '-> ../../../secret',
};

for (const path of [
  '../../etc/shadow',
  '../secret',
  '/../secret',
  'boot/../../secret',
  'boot/x64/../../../secret',
  '%2e%2e/secret',
  '%2e%2e%2fsecret',
  '..%2fsecret',
  '..%5csecret',
  '%252e%252e/secret',
  '..\\secret',
  'boot\\..\\..\\secret',
  '\\\\server\\share\\..\\secret',
  '\\\\server\\share\\..\\..\\..\\etc\\shadow',
  'out',
  'hosts/compute-0-1/../../../secret',
  'a\nb',
  '.',
  '/',
]) {
  test(`${JSON.stringify(path)} is not allowed, whoever asks`, async (t) => {
    const ofNobody = await setUp(t, files);
    await t.throwsAsync(ofNobody.fetch(path), { message: /^2 expected / });
    const ofNode = await setUp(t, files, machine());
    await t.throwsAsync(ofNode.fetch(path), { message: /^2 expected / });
    t.like(await ofNode.event(), { outcome: 'refused' });
  });
}

for (const path of [
  'C:\\boot.ini',
  'c:/windows/win.ini',
  '/etc/passwd',
  'file:///etc/passwd',
  '~root/.profile',
  'linux/',
  'linux/more',
  '\\\\server\\share\\etc\\passwd',
  '$HOME',
  '*',
  '__proto__',
]) {
  test(`${JSON.stringify(path)} is a name like any other, and there is no such file`, async (t) => {
    const { fetch } = await setUp(t, files);
    await t.throwsAsync(fetch(path), { message: /^1 / });
  });
}

test('absolute and UNC names are names below the root', async (t) => {
  const { fetch } = await setUp(t, files);
  t.is(await fetch('/etc/shadow'), 'a decoy');
  t.is(await fetch('//pxelinux.0'), 'loader');
  t.is(await fetch('\\\\10.77.0.1\\reminst\\boot\\x64\\wdsnbp.com'), 'windows');
});

test('a machine sees its own root, and the hosts’ roots only so', async (t) => {
  const { fetch } = await setUp(t, files, machine());
  t.is(await fetch('linux'), 'its own');
  await t.throwsAsync(fetch('hosts/compute-0-1/linux'), { message: /^[12] / });
  const nobody = await setUp(t, files);
  await t.throwsAsync(nobody.fetch('linux'), { message: /^1 / });
  await t.throwsAsync(nobody.fetch('hosts/compute-0-0/linux'), { message: /^[12] / });
});

test('a file that was replaced is sent as it is now, in either mode', async (t) => {
  const { fetch, folder } = await setUp(t, { conf: 'one\n' });
  t.is(await fetch('conf'), 'one\n');
  await writeFile(join(folder, 'conf'), 'another\n');
  t.is(await fetch('conf'), 'another\n');
  t.is(await fetch('conf', 'netascii'), 'another\r\n');
});

test('a configuration that is another than was ordered is sent, and it is told why', async (t) => {
  const node = machine({ bootAction: 'gone' });
  const { roots } = await makeRoots(t, {});
  const warnings: string[] = [];
  const open = createTftpDoor({
    roots,
    who: () => ({ node, machine: node.name, isCertain: true }),
    serverFor: () => '10.77.0.1',
    onWarning: ({ machine: name }, path, warning) =>
      void warnings.push(`${name} ${path} ${warning}`),
  });
  const server = await serveInThread(t, open);
  const { bytes } = await download(server.port, readRequest('/grub/grub.cfg', {}, 'octet'));
  t.regex(String(bytes), /^exit$/m);
  t.is(warnings.length, 1);
  t.regex(
    warnings[0] ?? '',
    /^compute-0-0 \/grub\/grub\.cfg expected a boot action .* got 'gone'$/,
  );
});
