import test from 'ava';
import { databasePath } from '../../../src/frontend/nodes/records.ts';
import { migrations } from '../../../src/frontend/nodes/schema.ts';
import { createOrderRows } from '../../../src/frontend/orders/order-rows.ts';
import { createTrees } from '../../../src/frontend/trees/main.ts';
import { openDatabase } from '../../../src/runtime/database.ts';
import { bytesOf } from '../../support/small-tree.ts';
import { type Contents, makeTree } from './fixture.ts';

const contents: Contents = Object.fromEntries(
  ['a', 'b', 'c', 'd'].map((name) => [name, bytesOf(name, 100_000)]),
);

function learn(state: string, tree: string, role: string, paths: readonly string[]): void {
  const path = databasePath(state);
  const database = openDatabase({ path, migrations, isDurable: false, waitMs: 2_000 });
  createOrderRows({ database }).keep({ tree, role, paths, isWhole: true, learntAtMs: 1 });
  database.close();
}

test('a tree is laid out as its machines have installed, and stays so', async (t) => {
  const { state, source, newest } = await makeTree(t, contents);
  const trees = createTrees({ state });
  const words = { name: 'lab', source, keep: 'link' } as const;
  const laidOut = { ...words, inInstallOrder: true };
  await t.throwsAsync(trees.add(laidOut), {
    code: 'no-order',
    message: /install one of each role/,
  });
  t.is((await trees.add(words)).generation, 1);
  learn(state, 'lab', 'compute', ['d', 'b']);
  learn(state, 'other', 'compute', ['c', 'a']);

  const added = await trees.add(laidOut);
  t.like(added, { generation: 2, isNew: true });
  const generation = await newest();
  const order = () => generation.manifest.files.map((file) => file.path);
  t.deepEqual(order(), ['d', 'b', 'a', 'c']);
  const file = generation.manifest.files[1];
  const chunks =
    file === undefined ? [] : generation.read(file, { startByte: 0, endByte: 100_000 });
  t.deepEqual(Buffer.concat(await Array.fromAsync(chunks)), contents.b);

  t.like(await trees.add(laidOut), { generation: 2, isNew: false });
  t.like(await trees.add(words), { generation: 2, isNew: false, hashedBytes: 0 });
});
