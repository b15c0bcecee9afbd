import test from 'ava';
import { createWho } from '../../../src/frontend/boot/who.ts';
import type { Lease } from '../../../src/frontend/dhcp/lease.ts';
import { LeaseTable } from '../../../src/frontend/dhcp/lease-table.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { machine } from './fixture.ts';

const stranger = '52:54:00:00:00:99';
const nowMs = 1_000_000;
const reserved = machine({ name: 'reserved', macs: ['52:54:00:00:00:01'], address: '10.1.0.1' });
const anywhere = machine({ name: 'anywhere', macs: ['52:54:00:00:00:02'], address: undefined });

function whoWith(...leases: readonly Partial<Lease>[]) {
  const table = new LeaseTable();
  for (const lease of leases) {
    const { address = '10.1.200.1', mac = stranger } = lease;
    const rest = { holder: mac, state: 'bound', untilMs: nowMs + 1, ...lease } as const;
    table.put({ ...rest, address, mac });
  }
  const nodes: readonly MachineNode[] = [reserved, anywhere];
  const who = createWho({
    nodes: {
      byAddress: (address) => nodes.find((node) => node.address === address),
      byMac: (mac) => nodes.find(({ macs }) => macs.includes(mac)),
    },
    leaseAt: table.at,
    nowMs: () => nowMs,
  });
  return (address: string) => {
    const { node, machine } = who(address);
    return [node?.name, machine];
  };
}

test('a node is known by its own address, with a lease or without', (t) => {
  t.deepEqual(whoWith()('10.1.0.1'), ['reserved', 'reserved']);
  const mac = '52:54:00:00:00:01';
  t.deepEqual(whoWith({ address: '10.1.0.1', mac })('10.1.0.1'), ['reserved', 'reserved']);
});

test('a node without an address of its own is known by its lease', (t) => {
  const who = whoWith({ mac: '52:54:00:00:00:02' });
  t.deepEqual(who('10.1.200.1'), ['anywhere', 'anywhere']);
  t.deepEqual(who('10.1.200.2'), [undefined, undefined]);
});

test('whoever sits at a node’s address while it is declined is not taken for the node', (t) => {
  const squatted = { address: '10.1.0.1', state: 'declined' } as const;
  t.deepEqual(whoWith(squatted)('10.1.0.1'), [undefined, undefined]);
  t.deepEqual(whoWith({ ...squatted, untilMs: nowMs })('10.1.0.1'), ['reserved', 'reserved']);
});

test('a machine that is no node is known by its MAC while its lease runs', (t) => {
  t.deepEqual(whoWith({})('10.1.200.1'), [undefined, stranger]);
  t.deepEqual(whoWith({ state: 'offered' })('10.1.200.1'), [undefined, stranger]);
  t.deepEqual(whoWith({ untilMs: nowMs })('10.1.200.1'), [undefined, undefined]);
  t.deepEqual(whoWith({ state: 'released' })('10.1.200.1'), [undefined, undefined]);
  t.deepEqual(whoWith({ state: 'declined' })('10.1.200.1'), [undefined, undefined]);
});

test("who still has a node's address by lease is not sent what is the node's", (t) => {
  t.deepEqual(whoWith({ address: '10.1.0.1' })('10.1.0.1'), [undefined, stranger]);
  const other = '52:54:00:00:00:02';
  t.deepEqual(whoWith({ address: '10.1.0.1', mac: other })('10.1.0.1'), ['anywhere', 'anywhere']);
  t.deepEqual(whoWith({ address: '10.1.0.1', untilMs: nowMs })('10.1.0.1'), [
    'reserved',
    'reserved',
  ]);
});

test('where nothing is leased, and for what is no IPv4 address, nothing is known', (t) => {
  const nodes = { byAddress: () => undefined, byMac: () => reserved };
  const who = createWho({ nodes, leaseAt: undefined, nowMs: () => nowMs });
  t.deepEqual(who('10.1.200.1'), { node: undefined, machine: undefined });
  for (const address of ['', 'fd00::1', '::1', '10.1']) {
    t.deepEqual(whoWith({})(address), [undefined, undefined]);
  }
});
