import type { networkInterfaces } from 'node:os';
import test from 'ava';
import { readOwnWire } from '../../../src/frontend/dhcp/own-wire.ts';

type Interfaces = ReturnType<typeof networkInterfaces>;

function own(address: string, netmask: string): Interfaces[string] {
  const rest = { mac: '52:54:00:00:00:fe', internal: false, cidr: null } as const;
  return [{ ...rest, family: 'IPv4', address, netmask }];
}

const interfaces = (): Interfaces => ({
  eth0: own('10.1.1.1', '255.255.0.0'),
  'eth0:1': own('172.16.0.1', '255.255.255.0'),
  eth1: own('192.168.7.1', '255.255.255.128'),
  eth2: [],
});

function read(table: Readonly<Record<string, string>>, interfaceName?: string) {
  const readTable = () => new Map(Object.entries(table));
  return [...readOwnWire(interfaceName, { readTable, interfaces }).keys()];
}

const router = '52:54:00:00:00:99';

test('who answers for an address of another network is a router, and not believed', (t) => {
  const table = {
    ...{ '10.1.0.7': '52:54:00:00:00:07', '10.2.0.7': router },
    ...{ '172.16.0.9': '52:54:00:00:00:09', '172.16.1.9': router },
    ...{ '192.168.7.5': '52:54:00:00:00:05', '192.168.7.200': router },
  };
  t.deepEqual(read(table), ['10.1.0.7', '172.16.0.9', '192.168.7.5']);
  t.deepEqual(read(table, 'eth0'), ['10.1.0.7', '172.16.0.9']);
  t.deepEqual(read(table, 'eth9'), []);
});

test('so is who answers for more addresses than a machine has', (t) => {
  const tableOf = (count: number) => {
    const addresses = Array.from({ length: count }, (_, at) => `10.1.0.${at + 10}`);
    const behind = Object.fromEntries(addresses.map((address) => [address, router]));
    return { '10.1.0.7': '52:54:00:00:00:07', ...behind };
  };
  t.is(read(tableOf(8)).length, 9);
  t.deepEqual(read(tableOf(9)), ['10.1.0.7']);
});
