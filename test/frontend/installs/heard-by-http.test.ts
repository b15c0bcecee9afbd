import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
  const heardAfter = async (path: string) => {
    const reply = await fetch(`${url}${path}`);
    t.is(reply.status, 200, path);
    await reply.arrayBuffer();
    // It is noted when all was handed over, and the client may be faster.
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    await installs.close();
    return nodes.heard.read().get('a')?.what;
  };
  // It has not begun.
  t.is(await heardAfter('/install/debian/pool/a.deb'), undefined);
  nodes.store.happen('a', { kind: 'boot-file' });
  t.is(await heardAfter('/boot/linux'), 'was sent linux by HTTP');
  t.is(await heardAfter(`/kickstart/${token}`), 'was sent how to install');
  t.is(await heardAfter('/install/debian/pool/a.deb'), 'was sent pool/a.deb of the tree');
  // What any machine may look at, and the install needs not.
  for (const path of ['/install/trees.json', '/install/debian.torrent', '/stats', '/healthz']) {
    t.is(await heardAfter(path), 'was sent pool/a.deb of the tree', path);
  }
});
