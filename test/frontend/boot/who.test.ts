import test from 'ava';
import { createWho } from '../../../src/frontend/boot/who.ts';
import type { Lease } from '../../../src/frontend/dhcp/lease.ts';
import { LeaseTable } from '../../../src/frontend/dhcp/lease-table.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { createPlaceOf } from '../../../src/frontend/place-of.ts';
import { machine } from './fixture.ts';

const stranger = '52:54:00:00:00:99';
const nowMs = 1_000_000;
const cards = ['52:54:00:00:00:01', '52:54:00:00:00:0a'];
const reserved = machine({ name: 'reserved', macs: cards, address: '10.1.0.1' });
const anywhere = machine({ name: 'anywhere', macs: ['52:54:00:00:00:02'], address: undefined });

type Options = { readonly wire?: Readonly<Record<string, string>>; readonly isOwn?: boolean };

function whoWith(...leases: readonly Partial<Lease>[]) {
  const who = askerWith({}, ...leases);
  return (address: string) => {
    const { node, machine } = who(address);
    return [node?.name, machine];
  };
}

function askerWith({ wire = {}, isOwn = true }: Options, ...leases: readonly Partial<Lease>[]) {
  const table = new LeaseTable();
  for (const lease of leases) {
    const { address = '10.1.200.1', mac = stranger } = lease;
    const rest = { holder: mac, state: 'bound', untilMs: nowMs + 1, ...lease } as const;
    table.put({ ...rest, address, mac });
  }
  const nodes: readonly MachineNode[] = [reserved, anywhere];
  return createWho({
    nodes: {
      byAddress: (address) => nodes.find((node) => node.address === address),
      byMac: (mac) => nodes.find(({ macs }) => macs.includes(mac)),
    },
    leaseAt: table.at,
    areLeasesOwn: isOwn,
    macOnWire: (address) => wire[address],
    nowMs: () => nowMs,
  });
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

test('the tracker is told name and rack of a node also where its address is leased', (t) => {
  const placeOf = createPlaceOf(askerWith({}, { mac: '52:54:00:00:00:02' }));
  t.deepEqual(placeOf('10.1.200.1'), { node: 'anywhere', rack: anywhere.rack });
  t.is(placeOf('10.1.200.2'), undefined);
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

test('whoever was given a node’s address by hand is not taken for the node', (t) => {
  const squatting = { wire: { '10.1.0.1': stranger } };
  const { node, machine, isCertain } = askerWith(squatting)('10.1.0.1');
  t.deepEqual([node, machine, isCertain], [undefined, stranger, true]);
  // Nor one node for another.
  const other = askerWith({ wire: { '10.1.0.1': '52:54:00:00:00:02' } })('10.1.0.1');
  t.deepEqual([other.node?.name, other.machine], ['anywhere', 'anywhere']);
  const itself = askerWith({ wire: { '10.1.0.1': '52:54:00:00:00:01' } })('10.1.0.1');
  t.deepEqual([itself.node?.name, itself.isCertain], ['reserved', true]);
});

test('nor while the lease of the node still runs; its other network cards are its own', (t) => {
  const lease = { address: '10.1.0.1', mac: '52:54:00:00:00:01' };
  for (const isOwn of [true, false]) {
    const at = (mac: string) => {
      const { node, machine, isCertain } = askerWith(
        { wire: { '10.1.0.1': mac }, isOwn },
        lease,
      )('10.1.0.1');
      return [node?.name, machine, isCertain];
    };
    t.deepEqual(at(stranger), [undefined, stranger, true]);
    t.deepEqual(at('52:54:00:00:00:02'), ['anywhere', 'anywhere', true]);
    t.deepEqual(at('52:54:00:00:00:01'), ['reserved', 'reserved', true]);
    t.deepEqual(at('52:54:00:00:00:0a'), ['reserved', 'reserved', true]);
  }
  const declined = { ...lease, state: 'declined' } as const;
  const { machine } = askerWith({ wire: { '10.1.0.1': stranger } }, declined)('10.1.0.1');
  t.is(machine, undefined);
});

test('it is certain where a lease was given here, or the wire says so', (t) => {
  const mac = '52:54:00:00:00:01';
  const lease = { address: '10.1.0.1', mac };
  const isCertain = (options: Options, ...leases: readonly Partial<Lease>[]) => {
    const asker = askerWith(options, ...leases)('10.1.0.1');
    t.is(asker.node?.name, 'reserved');
    return asker.isCertain;
  };
  t.true(isCertain({}, lease));
  t.true(isCertain({ wire: { '10.1.0.1': mac } }));
  // Behind a router, or before anything was heard of it.
  t.false(isCertain({}));
  // What a machine says of another server's lease.
  t.false(isCertain({ isOwn: false }, lease));
  t.true(isCertain({ isOwn: false, wire: { '10.1.0.1': mac } }, lease));
});

test('where nothing is leased, and for what is no IPv4 address, nothing is known', (t) => {
  const nodes = { byAddress: () => undefined, byMac: () => reserved };
  const nothing = { leaseAt: undefined, areLeasesOwn: false, macOnWire: () => undefined };
  const who = createWho({ nodes, ...nothing, nowMs: () => nowMs });
  const nobody = { node: undefined, machine: undefined, isCertain: false };
  t.deepEqual(who('10.1.200.1'), nobody);
  for (const address of ['', 'fd00::1', '::1', '10.1']) {
    t.deepEqual(whoWith({})(address), [undefined, undefined]);
  }
});
