import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { createBootRoots } from '../../../src/frontend/boot/roots.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { serveTrees, writeTree } from '../http/fixture.ts';
import { macOf } from '../nodes/fixture.ts';

test('all that an install fetches by HTTP is heard, and only what is its own', async (t) => {
  const folder = await temporaryFolder(t);
  const contents = { 'pool/a.deb': 'package' };
  const tree = await writeTree(join(folder, 'tree'), { tree: 'debian', generation: 1, contents });
  await mkdir(join(folder, 'boot'));
  await writeFile(join(folder, 'boot', 'linux'), 'kernel');
  const { url, nodes, installs } = await serveTrees(t, [tree], {
    boot: createBootRoots({ generate: () => undefined }, { folder: join(folder, 'boot') }),
    macOnWire: (address) => (address === '127.0.0.1' ? macOf(1) : undefined),
  });
  nodes.store.add({ name: 'a', macs: [macOf(1)] });
  const [armed] = nodes.store.boot(['a'], 'install');
  const token = installs.tokenOf(armed as MachineNode);
  const fetchWhole = async (path: string) => {
    const reply = await fetch(`${url}${path}`);
    t.is(reply.status, 200, path);
    await reply.arrayBuffer();
  };
  const heard = async () => {
    await installs.close();
    return nodes.heard.read().get('a')?.what;
  };
  /** It is noted when all was handed over, and the client may be faster. */
  const isHeardAfter = async (path: string, what: string) => {
    await fetchWhole(path);
    for (let turn = 0; turn < 500 && (await heard()) !== what; turn += 1) await delay(10);
    t.is(await heard(), what, path);
  };
  const staysHeardAfter = async (path: string, what: string | undefined) => {
    await fetchWhole(path);
    await delay(50);
    t.is(await heard(), what, path);
  };
  // It has not begun.
  await staysHeardAfter('/install/debian/pool/a.deb', undefined);
  nodes.store.happen('a', { kind: 'boot-file' });
  await isHeardAfter('/boot/linux', 'was sent linux by HTTP');
  await isHeardAfter(`/kickstart/${token}`, 'was sent how to install');
  const last = 'was sent pool/a.deb of the tree';
  await isHeardAfter('/install/debian/pool/a.deb', last);
  // What any machine may look at, and the install needs not.
  for (const path of ['/install/trees.json', '/install/debian.torrent', '/stats', '/healthz']) {
    await staysHeardAfter(path, last);
  }
});
