import { join } from 'node:path';
import test from 'ava';
import { migrations } from '../../../src/frontend/nodes/schema.ts';
import { openDatabase } from '../../../src/runtime/database.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openNodesDatabase, openStore } from './fixture.ts';

test('a database from before nodes had options keeps its nodes and their stories', async (t) => {
  const path = join(await temporaryFolder(t), 'scree.db');
  const first = migrations.slice(0, 1);
  const old = openDatabase({ path, migrations: first, isDurable: false, waitMs: 1_000 });
  old.run(`INSERT INTO nodes VALUES
    ('compute-0-1', NULL, '10.1.1.1', 'compute', 0, 1, '["d-i"]', 'install', 'failed'),
    ('nas', '4c4c4544-0042-3510-8056-b4c04f4b4d31', NULL, 'nas', NULL, NULL, NULL, 'os', 'os')`);
  old.run(`INSERT INTO macs VALUES
    ('52:54:00:00:00:01', 'compute-0-1', 0), ('52:54:00:00:00:02', 'nas', 0),
    ('52:54:00:00:00:00', 'nas', 1)`);
  old.run(`INSERT INTO events (machine, at_ms, event, text) VALUES ('nas', 7, 'offer', 'it')`);
  old.close();

  const { store, database } = await openStore(t, path);
  t.deepEqual(store.all(), [
    {
      name: 'compute-0-1',
      macs: ['52:54:00:00:00:01'],
      uuid: undefined,
      address: '10.1.1.1',
      role: 'compute',
      rack: 0,
      rank: 1,
      clientClasses: ['d-i'],
      dhcpOptions: {},
      bootAction: 'install',
      bootState: 'failed',
      bootReason: undefined,
      stateAtMs: 0,
      installNumber: 1,
    },
    {
      name: 'nas',
      macs: ['52:54:00:00:00:02', '52:54:00:00:00:00'],
      uuid: '4c4c4544-0042-3510-8056-b4c04f4b4d31',
      address: undefined,
      role: 'nas',
      rack: undefined,
      rank: undefined,
      clientClasses: undefined,
      dhcpOptions: {},
      bootAction: 'os',
      bootState: 'os',
      bootReason: undefined,
      stateAtMs: 0,
      installNumber: 0,
    },
  ]);
  t.is(database.all('SELECT * FROM events').length, 1);
  const changed = store.set('nas', { dhcpOptions: { mtu: 9000 } });
  t.deepEqual((await openStore(t, path)).store.byName('nas'), changed);
  const reopening = () =>
    openDatabase({ path, migrations: first, isDurable: false, waitMs: 1_000 });
  t.throws(reopening, { code: 'newer' });
});

test('what something else wrote as options is left out, and the node is there', async (t) => {
  const { store, path } = await openStore(t);
  store.add({ name: 'a', macs: ['52:54:00:00:00:01'], dhcpOptions: { mtu: 9000 } });
  const foreign = openNodesDatabase(t, path);
  const write = (text: string) =>
    foreign.run('UPDATE nodes SET dhcp_options = ? WHERE name = ?', text, 'a');
  write('{"mtu": 1500, "ntp": ["10.1.1.1", null], "43": {"a": 1}, "flag": true, "wpad": "x"}');
  const { store: again } = await openStore(t, path);
  t.deepEqual(again.byName('a')?.dhcpOptions, { mtu: 1500, wpad: 'x' });
  t.deepEqual(again.set('a', { dhcpOptions: { wpad: null } }).dhcpOptions, { mtu: 1500 });
  for (const text of ['[]', '{', 'null', '']) t.throws(() => write(text), { code: 'unusable' });
});
