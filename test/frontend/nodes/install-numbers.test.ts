import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { createEndedInstalls } from '../../../src/frontend/installs/ended-installs.ts';
import { findTokenHolder, installTokenOf } from '../../../src/frontend/installs/token.ts';
import { migrations } from '../../../src/frontend/nodes/schema.ts';
import { openDatabase } from '../../../src/runtime/database.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { macOf, openStore } from './fixture.ts';

const key = Buffer.alloc(32, 3);

test('a node that comes again is given no token that the one before had', async (t) => {
  const { store } = await openStore(t);
  const nodes = { ...store, nameOfEnded: createEndedInstalls(store).nameOf };
  const arm = () => {
    store.add({ name: 'a', macs: [macOf(1)] });
    const [armed] = store.boot(['a'], 'install');
    return armed === undefined ? '' : installTokenOf(armed, key);
  };
  const first = arm();
  store.remove('a');
  t.is(findTokenHolder(nodes, first, key).kind, 'unknown');
  const second = arm();
  t.not(second, first);
  t.not(findTokenHolder(nodes, first, key).kind, 'node');
  t.like(findTokenHolder(nodes, second, key), { kind: 'node', node: { name: 'a' } });
});

const step = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  what: fc.constantFrom('add', 'remove', 'arm', 'begin', 'arm-all', 'reopen'),
});

test('whatever is armed, removed and added again, by whom ever, no number is given twice', async (t) => {
  const folder = await temporaryFolder(t);
  let count = 0;
  const property = fc.asyncProperty(
    fc.array(step, { size: 'max', maxLength: 30 }),
    async (steps) => {
      count += 1;
      const path = join(folder, `${count}.db`);
      const stores = [await openStore(t, path), await openStore(t, path)];
      const given = new Map<number, string>();
      let install = 0;
      for (const [at, { name, what }] of steps.entries()) {
        const store = stores[at % 2]?.store;
        if (store === undefined) continue;
        store.refresh();
        const isThere = store.byName(name) !== undefined;
        if (what === 'add' && !isThere) {
          store.add({ name, macs: [macOf(name.charCodeAt(0))] });
        }
        if (what === 'remove' && isThere) store.remove(name);
        if (what === 'begin' && isThere) store.happen(name, { kind: 'kickstart' });
        if (what === 'reopen') stores[at % 2] = await openStore(t, path);
        const isArming =
          (what === 'arm' && isThere) || (what === 'arm-all' && store.all().length > 0);
        if (!isArming) continue;
        const before = new Map(store.all().map((node) => [node.name, node]));
        for (const node of store.boot([what === 'arm' ? name : 'all'], 'install')) {
          // One that is armed already, and has not begun, is the same install.
          if (before.get(node.name)?.bootState === 'install') continue;
          install += 1;
          assert.ok(!given.has(node.installNumber), `${node.installNumber} was given twice`);
          given.set(node.installNumber, `${node.name} ${install}`);
        }
      }
    },
  );
  await t.notThrowsAsync(fc.assert(property, { numRuns: 25 }));
});

test('a database in which numbers were each node’s own goes on beyond all that were given', async (t) => {
  const path = join(await temporaryFolder(t), 'scree.db');
  const old = openDatabase({
    ...{ path, migrations: migrations.slice(0, 6), isDurable: false, waitMs: 1_000 },
  });
  old.run(`INSERT INTO nodes (name, role, boot_action, boot_state, install_number)
    VALUES ('a', 'compute', 'os', 'os', 7), ('b', 'compute', 'install', 'booting', 3)`);
  old.run(`INSERT INTO macs VALUES ('${macOf(1)}', 'a', 0), ('${macOf(2)}', 'b', 0)`);
  old.close();
  const { store } = await openStore(t, path);
  // The install that was on its way keeps its token.
  t.is(store.byName('b')?.installNumber, 3);
  t.deepEqual(
    store.boot(['all'], 'install').map(({ installNumber }) => installNumber),
    [1008, 1009],
  );
});
