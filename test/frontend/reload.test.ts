import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { parseConfig } from '../../src/frontend/config.ts';
import { createFrontend } from '../../src/frontend/main.ts';
import { removeTree } from '../../src/frontend/trees/remove.ts';
import { createCollectingLog } from '../support/collecting-log.ts';
import { makeTree } from './trees/fixture.ts';

test('each generation is a line in the log when it is served, and when it no longer is', async (t) => {
  const tree = await makeTree(t, { a: 'first', b: 'other' });
  await tree.add();
  const { log, lines } = createCollectingLog();
  const listen = '{ listen: "127.0.0.1:0" }';
  const text = `{ state: ${tree.state}, http: ${listen}, tracker: ${listen}, seed: ${listen} }`;
  const frontend = await createFrontend({ log }, parseConfig(text, 'scree.yaml'));
  t.teardown(frontend.close);
  const treeLines = () =>
    lines.flatMap(({ event, fields }) =>
      /^tree .*served$/.test(event) ? [{ event, fields }] : [],
    );
  const first = { tree: 'lab', generation: 1, files: 2, sizeBytes: 10 };
  t.deepEqual(treeLines(), [{ event: 'tree served', fields: first }]);

  await rm(join(tree.source, 'b'));
  await tree.add();
  await frontend.reload();
  const second = { tree: 'lab', generation: 2, files: 1, sizeBytes: 5 };
  t.deepEqual(treeLines().slice(1), [{ event: 'tree served', fields: second }]);

  await removeTree({ state: tree.state, name: 'lab', generation: 1 });
  await frontend.reload();
  await frontend.reload();
  t.deepEqual(treeLines().slice(2), [{ event: 'tree no longer served', fields: first }]);
});
