import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { describeAttributeChanges } from '../../../src/frontend/audit/attribute-entries.ts';
import { describeNodeChanges } from '../../../src/frontend/audit/node-entries.ts';
import { readAudit, recordAudit } from '../../../src/frontend/audit/rows.ts';
import { openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import type { Operator } from '../../../src/frontend/operators/types.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { macOf, openNodesDatabase } from '../nodes/fixture.ts';

const alice: Operator = { who: 'token:alice', scope: 'admin', address: '10.1.1.7' };

async function setUp(t: ExecutionContext, operator?: Operator) {
  const path = join(await temporaryFolder(t), 'scree.db');
  const records = openNodeRecords({ log: silentLog }, { path, ...(operator && { operator }) });
  t.teardown(records.close);
  const add = (at: number) => records.store.add({ name: `n-${at}`, macs: [macOf(at)] });
  return { ...records, path, add };
}

test('each kind of change is told with who, where from, what and of whom', async (t) => {
  const { store, attributes, audit, add } = await setUp(t);
  audit.as(alice, () => {
    add(1);
    add(2);
    store.set('n-1', { rack: 3, address: '10.1.1.1' });
    store.setAll(['all'], { role: 'gpu' });
    store.boot(['all'], 'install');
    attributes.change([
      { scope: { kind: 'role', target: 'gpu' }, name: 'disk', value: '/dev/sda' },
      { scope: { kind: 'global' }, name: 'root-password', value: 'hunter2', isSecret: true },
      { scope: { kind: 'node', target: 'n-1' }, name: 'disk', value: undefined },
    ]);
    store.remove('n-2');
  });
  const told = audit.read({ limit: 20 }).toReversed();
  t.true(told.every(({ who, address }) => who === 'token:alice' && address === '10.1.1.7'));
  t.deepEqual(
    told.map(({ action, targets }) => [action, ...targets]),
    [
      ['node add', 'n-1'],
      ['node add', 'n-2'],
      ['node set', 'n-1'],
      ['node set', 'n-1', 'n-2'],
      ['node boot', 'n-1', 'n-2'],
      ['attr set', 'role gpu', 'global'],
      ['attr unset', 'n-1'],
      ['node remove', 'n-2'],
    ],
  );
  t.deepEqual(told[2]?.detail, {
    address: { from: null, to: '10.1.1.1' },
    rack: { from: null, to: 3 },
  });
  t.deepEqual(told[3]?.detail, { role: { to: 'gpu' } });
  t.deepEqual(told[4]?.detail, { action: 'install' });
  t.deepEqual(told[5]?.detail, { names: ['disk', 'root-password'] });
  t.like(told[7]?.detail, { macs: [macOf(2)], role: 'gpu' });
  t.false(JSON.stringify(told).includes('hunter2'));
});

test('what is found by the name of one of many machines, and page by page', async (t) => {
  const { store, audit, add } = await setUp(t, alice);
  for (let at = 0; at < 20; at += 1) add(at);
  store.boot(['n-[5-9]'], 'install');
  store.boot(['n-1'], 'install');
  t.deepEqual(
    audit.read({ limit: 9, target: 'n-7' }).map(({ action }) => action),
    ['node boot', 'node add'],
  );
  t.deepEqual(audit.read({ limit: 9, target: 'n' }), []);
  const all = audit.read({ limit: 100 });
  const pages = [audit.read({ limit: 15 })];
  pages.push(audit.read({ limit: 15, beforeId: pages[0]?.at(-1)?.id }));
  t.deepEqual(pages.flat(), all);
});

test('what machines do by themselves, and what fails, is no change of an operator', async (t) => {
  const { store, audit, add } = await setUp(t);
  add(1);
  store.happen('n-1', { kind: 'arm' });
  t.throws(() => audit.as(alice, () => store.set('n-9', { rack: 1 })), { code: 'unknown' });
  t.throws(() => audit.as(alice, () => add(1)), { code: 'taken' });
  t.deepEqual(audit.read({ limit: 9 }), []);
});

test('a change that cannot be written down is not made', async (t) => {
  const { store, audit, path } = await setUp(t);
  const database = openNodesDatabase(t, path);
  database.run('ALTER TABLE audit RENAME TO away');
  const adding = () => audit.as(alice, () => store.add({ name: 'a', macs: [macOf(1)] }));
  t.throws(adding, { code: 'unusable' });
  t.is(store.byName('a'), undefined);
  t.deepEqual(database.all('SELECT * FROM nodes'), []);
  database.run('ALTER TABLE away RENAME TO audit');
  adding();
  t.is(audit.read({ limit: 9 }).length, 1);
});

test('the log has its bounds: the oldest entries go', async (t) => {
  const database = openNodesDatabase(t, join(await temporaryFolder(t), 'scree.db'));
  const limits = { entries: 200, targets: 1_000 };
  const record = (at: number, targets: readonly string[]) =>
    recordAudit(database, { by: alice, action: 'x', targets, detail: { at } }, at, limits);
  const count = (table: string) =>
    Number(database.all(`SELECT COUNT(*) AS count FROM ${table}`)[0]?.count);
  for (let at = 0; at < 1_000; at += 1) record(at, ['one']);
  t.true(count('audit') <= 264 && count('audit') >= 200, String(count('audit')));
  t.is(readAudit(database, { limit: 1 })[0]?.detail.at, 999);
  const many = Array.from({ length: 100 }, (_, at) => `n-${at}`);
  for (let at = 0; at < 128; at += 1) record(at, many);
  t.true(count('audit_targets') <= 1_000 + 64 * 100, String(count('audit_targets')));
  t.deepEqual(readAudit(database, { limit: 1 })[0]?.targets, many);
});

test('a detail that is too large is told by its names only', async (t) => {
  const database = openNodesDatabase(t, join(await temporaryFolder(t), 'scree.db'));
  const detail = { options: 'x'.repeat(100_000), rack: 3 };
  recordAudit(database, { by: alice, action: 'x', targets: [], detail });
  t.deepEqual(readAudit(database, { limit: 1 })[0]?.detail, { shortened: ['options', 'rack'] });
});

test('whatever is changed of whichever nodes, each of them is in an entry', async (t) => {
  const { store, add } = await setUp(t);
  const [one, two, three] = [add(1), add(2), add(3)];
  const place = fc.option(fc.constantFrom(one, two, three), { nil: undefined });
  const after = fc.record({
    rack: fc.option(fc.nat(3), { nil: undefined }),
    bootAction: fc.constantFrom('os', 'install'),
  });
  const change = fc.tuple(place, fc.option(after, { nil: undefined }));
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(change, { size: 'max', maxLength: 30 }), (some) => {
        const changes = some.flatMap(([before, patch]) => {
          const now = patch === undefined ? undefined : { ...(before ?? one), ...patch };
          return before === undefined && now === undefined ? [] : [{ before, after: now }];
        });
        const entries = describeNodeChanges(changes);
        const targets = entries.flatMap((entry) => entry.targets);
        const names = changes.map((each) => (each.after ?? each.before)?.name);
        return targets.toSorted().join() === names.toSorted().join();
      }),
    ),
  );
  t.deepEqual(describeNodeChanges([]), []);
  t.deepEqual(describeAttributeChanges([]), []);
  t.is(store.all().length, 3);
});
