import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { AddressProbe } from '../../../src/frontend/dhcp/address-probe.ts';
import { LeaseTable } from '../../../src/frontend/dhcp/lease-table.ts';
import { createDiscovery } from '../../../src/frontend/discover/discovery.ts';
import type {
  DiscoverEvent,
  DiscoverOrderDocument,
} from '../../../src/frontend/discover/documents.ts';
import { builtInBootActions } from '../../../src/frontend/nodes/boot-actions.ts';
import { openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import { dhcpOptions, encodeText } from '../../../src/protocol/dhcp/options.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { packet, relayedNetwork, server, settings } from '../dhcp/fixture.ts';
import { macOf } from '../nodes/fixture.ts';

const rack = { role: 'compute', rack: 0 };
const pxeClass = [dhcpOptions.vendorClass, encodeText('PXEClient:Arch:00000:UNDI:002001')] as const;

type Options = {
  readonly userOf?: AddressProbe['userOf'];
  readonly givesAddresses?: boolean;
  readonly range?: { readonly first: string; readonly last: string };
};

async function setUp(t: ExecutionContext, options: Options = {}) {
  const { userOf = async () => undefined, givesAddresses = true, range } = options;
  const nodes = openNodeRecords({ log: silentLog }, { path: ':memory:' });
  t.teardown(nodes.close);
  const table = new LeaseTable();
  const leases = {
    at: table.at,
    of: table.of,
    commit: async (lease: Parameters<LeaseTable['put']>[0]) => table.put(lease),
  };
  const [home, relayed] = settings.networks;
  const networks = [{ ...home, ...(range && { range }) }, relayed ?? relayedNetwork];
  const discovery = createDiscovery(
    { nodes, leases, probe: { userOf }, clockMs: () => 1_000_000 },
    {
      settings: { ...settings, networks: networks as typeof settings.networks },
      givesAddresses,
      bootActions: builtInBootActions,
      ownAddresses: new Set([server, '10.1.0.1']),
    },
  );
  const told: DiscoverEvent[] = [];
  const operator = { who: 'local:alice', scope: 'admin', address: undefined } as const;
  const start = (order: DiscoverOrderDocument) =>
    discovery.start(order, { operator, tell: (event) => void told.push(event) });
  const ask = (number: number, values: AskValues = {}) => {
    const { uuid, relay, isPlain, type = 'discover' } = values;
    const board = uuid === undefined ? [] : [[97, uuidOption(uuid)] as const];
    return discovery.hear(
      packet({
        ...{ type, mac: macOf(number), options: [...(isPlain ? [] : [pxeClass]), ...board] },
        ...(relay === undefined ? {} : { giaddr: relay }),
      }),
    );
  };
  const names = () => nodes.store.all().map(({ name }) => name);
  return { nodes, table, discovery, start, ask, told, names };
}

type AskValues = {
  readonly uuid?: number;
  readonly relay?: string;
  readonly isPlain?: boolean;
  readonly type?: 'discover' | 'request';
};

function uuidOption(number: number): Buffer {
  return Buffer.concat([Buffer.alloc(1), Buffer.alloc(16, number)]);
}

test('machines become nodes in the order in which they ask, armed and with an address', async (t) => {
  const { nodes, start, ask, told, names } = await setUp(t);
  await ask(1);
  t.deepEqual(names(), [], 'nobody discovers yet');
  start(rack);
  await Promise.all([ask(3), ask(1), ask(2)]);
  t.deepEqual(
    nodes.store.all().map(({ name, macs, address }) => [name, macs[0], address]),
    [
      ['compute-0-0', macOf(3), '10.1.0.2'],
      ['compute-0-1', macOf(1), '10.1.0.3'],
      ['compute-0-2', macOf(2), '10.1.0.4'],
    ],
  );
  t.like(nodes.store.byName('compute-0-1'), { bootState: 'install', bootAction: 'install' });
  t.like(nodes.store.byName('compute-0-1'), {
    role: 'compute',
    rack: 0,
    rank: 1,
    installNumber: 2,
  });
  t.deepEqual(told[0], {
    event: 'started',
    role: 'compute',
    rack: 0,
    replaces: null,
    action: 'install',
  });
  t.deepEqual(
    told.slice(1).map(({ event }) => event),
    ['discovered', 'discovered', 'discovered'],
  );
  const [written] = nodes.audit.read({ limit: 1 });
  t.like(written, { who: 'local:alice', action: 'node add', targets: ['compute-0-2'] });
});

test('a machine that asks ten times is one node, and one with two cards is one as well', async (t) => {
  const { nodes, start, ask, told, names } = await setUp(t, {
    userOf: async () => {
      await delay(5);
      return undefined;
    },
  });
  start(rack);
  await Promise.all(Array.from({ length: 10 }, () => ask(1, { uuid: 7 })));
  await Promise.all([ask(2, { uuid: 7 }), ask(3, { uuid: 8 }), ask(4, { uuid: 8 })]);
  t.deepEqual(names(), ['compute-0-0', 'compute-0-1']);
  t.deepEqual(nodes.store.byName('compute-0-0')?.macs, [macOf(1), macOf(2)]);
  t.deepEqual(nodes.store.byName('compute-0-1')?.macs, [macOf(3), macOf(4)]);
  t.is(told.filter(({ event }) => event === 'card').length, 2);
});

test('boards with the UUID of their maker’s whole series are machines of their own', async (t) => {
  const { discovery, start, names } = await setUp(t);
  start(rack);
  const shared = Buffer.from('0000020003000400050006000700080009', 'hex');
  for (const number of [1, 2]) {
    const options = [pxeClass, [97, shared] as const];
    await discovery.hear(packet({ type: 'discover', mac: macOf(number), options }));
  }
  t.is(names().length, 2);
});

test('a machine is marked when it has fetched its kickstart, and only one of this discovery', async (t) => {
  const { nodes, start, ask, told } = await setUp(t);
  nodes.store.add({ name: 'older', macs: [macOf(9)] });
  nodes.store.boot(['older'], 'install');
  start(rack);
  await ask(1);
  for (const name of ['older', 'compute-0-0', 'compute-0-0']) {
    nodes.store.happen(name, { kind: 'kickstart' });
  }
  t.deepEqual(told.slice(2), [{ event: 'kickstart', name: 'compute-0-0' }]);
});

test('what is left alone is told once, with its reason', async (t) => {
  const { start, ask, told, names } = await setUp(t);
  start({ ...rack, exclude: [macOf(2)] });
  await ask(1, { isPlain: true });
  await ask(1, { isPlain: true });
  await ask(2);
  await ask(3, { type: 'request' });
  t.deepEqual(names(), []);
  t.deepEqual(
    told.slice(1).map((event) => event.event === 'left-alone' && [event.mac, event.reason]),
    [
      [macOf(1), 'not-netbooting'],
      [macOf(2), 'excluded'],
    ],
  );
});

test('an address that somebody answers for is not given to a node', async (t) => {
  const squatted = new Set(['10.1.0.2', '10.1.0.3']);
  const { nodes, table, start, ask } = await setUp(t, {
    userOf: async ({ address }) => (squatted.has(address) ? macOf(99) : undefined),
  });
  start(rack);
  await ask(1);
  t.is(nodes.store.byName('compute-0-0')?.address, '10.1.0.4');
  t.is(table.at('10.1.0.3')?.state, 'declined');
});

test('a machine for which there is no address is tried again, and keeps its place', async (t) => {
  let isBusy = true;
  const { start, ask, told, names } = await setUp(t, {
    userOf: async ({ address, macs }) =>
      isBusy && macs.includes(macOf(1)) ? macOf(100 + Number(address.split('.')[3])) : undefined,
  });
  start(rack);
  await ask(1);
  t.like(told.at(-1), { event: 'failed', mac: macOf(1) });
  await ask(2);
  isBusy = false;
  await ask(1);
  t.deepEqual(names(), ['compute-0-0', 'compute-0-1']);
  t.like(told.at(-1), { event: 'discovered', name: 'compute-0-0' });
});

test('a machine that failed is not one of those that were to be found', async (t) => {
  let isBusy = true;
  const { start, ask, told, names } = await setUp(t, {
    userOf: async ({ address, macs }) =>
      isBusy && macs.includes(macOf(1)) ? macOf(100 + Number(address.split('.')[3])) : undefined,
  });
  start({ ...rack, count: 2 });
  await ask(1);
  await Promise.all([ask(2), ask(3), ask(1), ask(4)]);
  t.deepEqual(names(), ['compute-0-1', 'compute-0-2'], 'its rank stays its own');
  t.deepEqual(told.at(-1), { event: 'ended', reason: 'count' });
  isBusy = false;
  await ask(1);
  t.is(names().length, 2);
});

test('where the range covers the network, machines get their addresses from it', async (t) => {
  const range = { first: '10.1.0.1', last: '10.1.255.254' };
  const { nodes, start, ask } = await setUp(t, { range });
  start(rack);
  await ask(1);
  t.like(nodes.store.byName('compute-0-0'), { address: undefined, bootState: 'install' });
});

test('beside another server’s addresses nodes have none, unless they are to', async (t) => {
  const { nodes, start, ask } = await setUp(t, { givesAddresses: false });
  const stop = start(rack);
  await ask(1);
  stop();
  start({ ...rack, addressFrom: '10.1.9.1' });
  await ask(2);
  t.deepEqual(
    nodes.store.all().map(({ address }) => address),
    [undefined, '10.1.9.1'],
  );
});

test('the next machine takes the place of a node, its lease too, and then it ends', async (t) => {
  const { nodes, table, start, ask, told, names } = await setUp(t);
  nodes.store.add({ name: 'compute-0-3', macs: [macOf(1)], address: '10.1.0.50' });
  table.put({
    ...{ address: '10.1.0.50', holder: `mac:${macOf(1)}`, mac: macOf(1) },
    ...{ state: 'bound', untilMs: 9_000_000 },
  });
  start({ replace: 'compute-0-3' });
  await Promise.all([ask(2, { uuid: 9 }), ask(3)]);
  t.deepEqual(names(), ['compute-0-3']);
  t.like(nodes.store.byName('compute-0-3'), {
    macs: [macOf(2)],
    address: '10.1.0.50',
    bootState: 'install',
    rank: 3,
  });
  t.is(table.at('10.1.0.50')?.state, 'released');
  t.deepEqual(
    told.slice(1).map(({ event }) => event),
    ['left-alone', 'discovered', 'ended'],
  );
});

test('it ends after as many as were to be found; nothing is done after an end', async (t) => {
  const waiting = Promise.withResolvers<undefined>();
  const { start, ask, told, names } = await setUp(t, {
    userOf: ({ macs }) => (macs.includes(macOf(3)) ? waiting.promise : Promise.resolve(undefined)),
  });
  start({ ...rack, count: 2 });
  await Promise.all([ask(1), ask(2), ask(4)]);
  t.deepEqual(names(), ['compute-0-0', 'compute-0-1']);
  t.deepEqual(told.at(-1), { event: 'ended', reason: 'count' });
  const stop = start(rack);
  const asked = ask(3);
  stop();
  waiting.resolve(undefined);
  await asked;
  t.is(names().length, 2, 'its operator has gone while it was asked about');
});

test('a rack is discovered by one, two racks by two', async (t) => {
  const { start, ask, names } = await setUp(t);
  const stop = start(rack);
  const error = t.throws(() => start({ ...rack, role: 'io' }));
  t.like(error, { code: 'already-running' });
  t.regex(error?.message ?? '', /expected no other discovery for rack 0/);
  start({ ...rack, rack: 1, addressFrom: '10.2.0.7' });
  await ask(1, { relay: '10.2.0.1' });
  await ask(2);
  stop();
  await ask(3, { relay: '10.2.0.1' });
  t.deepEqual(names(), ['compute-0-0', 'compute-0-1', 'compute-1-0']);
});

test('orders that make no sense are refused before anything is heard', async (t) => {
  const { start } = await setUp(t);
  const wrong: readonly (readonly [DiscoverOrderDocument, RegExp])[] = [
    [{ rack: 0 }, /expected a role and a rack/],
    [{ ...rack, role: 'Big_Role' }, /expected a name such as compute-0-1/],
    [{ ...rack, exclude: ['52:5'] }, /how it begins, such as 52:54:00/],
    [{ ...rack, addressFrom: '10.9.0.1' }, /expected an address of the networks/],
    [{ ...rack, boot: 'instal' }, /did you mean 'install'/],
    [{ ...rack, count: 0 }, /expected a count from 1/],
    [{ ...rack, replace: 'compute-0-0' }, /expected no role, rack/],
    [{ replace: 'compute-0-0' }, /expected the name of a node/],
  ];
  for (const [order, message] of wrong) t.throws(() => start(order), { message });
});

test('switches and the like boot what is on them', async (t) => {
  const { nodes, start, ask } = await setUp(t);
  start({ role: 'switch', rack: 2, classes: ['other'] });
  await ask(1, { isPlain: true });
  t.like(nodes.store.byName('switch-2-0'), { bootAction: 'os', bootState: 'os' });
});
