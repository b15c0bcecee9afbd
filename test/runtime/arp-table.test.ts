import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { readArpTable } from '../../src/runtime/arp-table.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const table = `IP address       HW type     Flags       HW address            Mask     Device
10.1.0.5         0x1         0x2         52:54:00:AA:00:05     *        eth1
10.1.0.6         0x1         0x0         00:00:00:00:00:00     *        eth1
10.1.0.7         0x1         0x6         52:54:00:aa:00:07     *        eth1
10.9.0.5         0x1         0x2         52:54:00:aa:00:09     *        eth0
10.1.0.8         0x20        0x2         52:54:00:aa:00:08     *        eth1
cut off
`;

test('only those that answered on this interface are in the table', async (t) => {
  const path = join(await temporaryFolder(t), 'arp');
  await writeFile(path, table);
  t.deepEqual(
    [...readArpTable('eth1', path)],
    [
      ['10.1.0.5', '52:54:00:aa:00:05'],
      ['10.1.0.7', '52:54:00:aa:00:07'],
    ],
  );
});

test('without an interface those of all wires are in it', async (t) => {
  const path = join(await temporaryFolder(t), 'arp');
  await writeFile(path, table);
  t.deepEqual([...readArpTable(undefined, path).keys()], ['10.1.0.5', '10.1.0.7', '10.9.0.5']);
});

test('a table that is not there is empty', async (t) => {
  t.is(readArpTable('eth1', join(await temporaryFolder(t), 'none')).size, 0);
});

test('this machine’s own can be read', (t) => {
  t.notThrows(() => readArpTable('eth0'));
});
