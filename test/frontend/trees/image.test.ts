import { mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { verifyTree } from '../../../src/frontend/trees/verify.ts';
import { type ImageNode, makeIsoImage } from '../../support/iso-image.ts';
import { bytesOf } from '../../support/small-tree.ts';
import { makeTree, readWhole, replaceFile, wrongPieces } from './fixture.ts';

const kernel = bytesOf('kernel', 150_000).toString('hex');

const nodes: readonly ImageNode[] = [
  { name: 'Release', content: 'Suite: stable\n' },
  { name: 'empty', content: '' },
  { name: 'boot', children: [{ name: 'vmlinuz', content: kernel }] },
  { name: 'pool', children: [{ name: 'a+b~1.deb', content: 'package' }] },
  { name: 'stable', link: 'pool' },
  { name: 'debian', link: '.' },
  { name: 'outside', link: '../etc' },
];

async function makeImageTree(t: ExecutionContext) {
  const tree = await makeTree(t, {});
  const image = join(tree.source, 'disc.iso');
  await mkdir(tree.source, { recursive: true });
  await writeFile(image, makeIsoImage(nodes, 'rock-ridge'));
  return { ...tree, image, addImage: () => tree.add({ source: image }) };
}

test('an image is served from its own extents, without being unpacked', async (t) => {
  const tree = await makeImageTree(t);
  const report = await tree.addImage();
  t.is(report.fileCount, 4);
  t.is(report.linkCount, 2);
  t.is(report.warnings.length, 1);
  const generation = await tree.newest();
  t.is(String(await readWhole(generation, 'boot/vmlinuz')), kernel);
  t.is(String(await readWhole(generation, 'stable/a+b~1.deb')), 'package');
  t.is(String(await readWhole(generation, 'debian/Release')), 'Suite: stable\n');
  t.is(String(await readWhole(generation, 'empty')), '');
  t.deepEqual(await wrongPieces(generation), []);
  const { problems } = await verifyTree({ state: tree.state, name: 'lab', generation: 1 });
  t.deepEqual(problems, []);
});

test('the image is kept once, and served after another has replaced it', async (t) => {
  const tree = await makeImageTree(t);
  await tree.addImage();
  const kept = await readdir(join(tree.state, 'trees', 'lab', 'kept'), { recursive: true });
  t.is(kept.length, 2);
  await replaceFile(tree.image, makeIsoImage([{ name: 'new', content: 'new' }], 'rock-ridge'));
  t.is(String(await readWhole(await tree.newest(), 'Release')), 'Suite: stable\n');
  t.is((await tree.addImage()).generation, 2);
  await rm(tree.image);
  t.is(String(await readWhole(await tree.newest(), 'new')), 'new');
});

test('adding an image that did not change hashes nothing', async (t) => {
  const tree = await makeImageTree(t);
  await tree.addImage();
  const again = await tree.addImage();
  t.false(again.isNew);
  t.is(again.hashedBytes, 0);
});

test('an image changed in place, or cut short, is not served wrong', async (t) => {
  const tree = await makeImageTree(t);
  await tree.addImage();
  const generation = await tree.newest();
  await truncate(tree.image, 60_000);
  await t.throwsAsync(readWhole(generation, 'boot/vmlinuz'), { code: 'changed' });
  await t.throwsAsync(tree.addImage(), { code: 'bad-source', message: /copy the image again/ });
});
