import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { isLive } from '../../../src/frontend/dhcp/lease.ts';
import { networkOf } from '../../../src/frontend/dhcp/network.ts';
import type { Decision, Reply } from '../../../src/frontend/dhcp/types.ts';
import { dhcpOptions, messageTypes } from '../../../src/protocol/dhcp/options.ts';
import { decodeDhcp, encodeDhcp } from '../../../src/protocol/dhcp/packet.ts';
import { asksFor, chose, frontend, node, none, server, settings, typeOf } from './fixture.ts';

const nodes = [
  node(),
  // Two interfaces, and an address inside the range.
  node({
    name: 'compute-0-1',
    macs: ['52:54:00:00:00:02', '52:54:00:00:00:03'],
    address: '10.1.200.2',
  }),
  node({ name: 'compute-0-2', macs: ['52:54:00:00:00:04'], address: undefined }),
  node({
    name: 'silent',
    macs: ['52:54:00:00:00:05'],
    clientClasses: ['d-i'],
    address: '10.1.0.8',
  }),
];
const macs = Array.from(
  { length: 12 },
  (_, at) => `52:54:00:00:00:${(at + 1).toString(16).padStart(2, '0')}`,
);
const small = settings.networks.map((network) => ({
  ...network,
  range: network.prefix.startsWith('10.1.')
    ? { first: '10.1.200.1', last: '10.1.200.5' }
    : { first: '10.2.0.100', last: '10.2.0.102' },
}));

const anAddress = fc.constantFrom(
  ...[
    '10.1.0.5',
    '10.1.200.1',
    '10.1.200.2',
    '10.1.200.3',
    '10.1.200.5',
    '10.1.200.6',
    '10.2.0.100',
  ],
  ...['10.2.0.101', '192.168.1.1', '255.255.255.255', '10.1.255.255', '127.0.0.1', server],
);

const step = fc.record({
  mac: fc.constantFrom(...macs),
  type: fc.constantFrom('discover', 'request', 'decline', 'release', 'inform', undefined),
  requested: fc.option(anAddress, { nil: undefined }),
  chosen: fc.option(fc.constantFrom(server, server, '10.1.1.99'), { nil: undefined }),
  ciaddr: fc.oneof(
    { weight: 3, arbitrary: fc.constant(none) },
    { weight: 1, arbitrary: anAddress },
  ),
  giaddr: fc.oneof(
    { weight: 4, arbitrary: fc.constant(none) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('10.2.0.1', '10.1.1.254', '172.16.0.1', server, '10.2.0.255'),
    },
  ),
  broadcast: fc.boolean(),
  /** Goes on with the last offer instead of with an address of its own. */
  goesOn: fc.boolean(),
  pauseMs: fc.constantFrom(0, 100, 30_000, 70_000, 700_000, 1_300_000),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Whose an address is by what was acknowledged, as the clients believe it. */
type Belief = { readonly client: string; readonly untilMs: number };

/** The interfaces of one node are one client. */
function clientOf(mac: string): string {
  return nodes.find((each) => each.macs.includes(mac))?.name ?? mac;
}

function play(steps: readonly Step[], check: (decision: Decision, each: Step) => void): void {
  const rack = frontend(nodes, { networks: small });
  const offers = new Map<string, string>();
  const beliefs = new Map<string, Belief>();
  for (const each of steps) {
    rack.state.nowMs += each.pauseMs;
    const offered = each.goesOn && each.type === 'request' ? offers.get(each.mac) : undefined;
    const decision = rack.decide(valuesOf(each, offered));
    check(decision, each);
    if (decision.kind === 'ignore') {
      forget(beliefs, decision);
      continue;
    }
    if (typeOf(decision) === messageTypes.offer) offers.set(each.mac, decision.packet.yiaddr);
    believe(beliefs, { decision, mac: each.mac, nowMs: rack.state.nowMs });
    assertTableHolds(rack, beliefs);
  }
}

function valuesOf({ type, requested, chosen, ...rest }: Step, offered: string | undefined) {
  const { mac, ciaddr, giaddr, broadcast } = rest;
  const options = [
    ...(requested === undefined ? [] : [asksFor(offered ?? requested)]),
    ...(chosen === undefined ? [] : [chose(chosen)]),
  ];
  const values = { mac, ciaddr, giaddr, broadcast, options };
  if (offered !== undefined) {
    return {
      ...values,
      type: 'request',
      ciaddr: none,
      options: [asksFor(offered), chose(server)],
    } as const;
  }
  return type === undefined ? values : { ...values, type };
}

function believe(
  beliefs: Map<string, Belief>,
  { decision, mac, nowMs }: { decision: Reply; mac: string; nowMs: number },
): void {
  const { lease, packet } = decision;
  if (typeOf(decision) !== messageTypes.ack || lease === undefined) return;
  const client = clientOf(mac);
  const other = beliefs.get(packet.yiaddr);
  assert.ok(
    other === undefined || other.untilMs <= nowMs || other.client === client,
    `${packet.yiaddr} is ${other?.client}'s, and was given to ${client}`,
  );
  beliefs.set(packet.yiaddr, { client, untilMs: lease.untilMs });
}

function forget(beliefs: Map<string, Belief>, { lease }: Decision): void {
  const gaveBack = lease?.state === 'released' || lease?.state === 'declined';
  if (gaveBack) beliefs.delete(lease.address);
}

function assertTableHolds(rack: ReturnType<typeof frontend>, beliefs: Map<string, Belief>): void {
  const { nowMs } = rack.state;
  for (const [address, { client, untilMs }] of beliefs) {
    if (untilMs <= nowMs) continue;
    const lease = rack.table.at(address);
    assert.ok(isLive(lease, nowMs) && clientOf(lease.mac) === client, `${address} was lost`);
  }
}

test('no two clients ever hold one address, and no lease is forgotten while it runs', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }), (steps) => {
        play(steps, () => {});
      }),
      { numRuns: 300 },
    ),
  );
});

test('every reply goes to a legal destination, with a packet that clients can read', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }), (steps) => {
        play(steps, (decision) => {
          if (decision.kind === 'ignore') return;
          assertLegal(decision);
          const bytes = encodeDhcp(decision.packet, decision.maximumBytes);
          assert.deepEqual(decodeDhcp(bytes).options, decision.packet.options);
        });
      }),
      { numRuns: 200 },
    ),
  );
});

test('nothing is ever answered to a class that is not permitted, and no address is kept for it', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }), (steps) => {
        play(steps, (decision, { mac }) => {
          if (clientOf(mac) !== 'silent') return;
          assert.equal(decision.kind, 'ignore');
          assert.equal(decision.lease, undefined);
        });
      }),
      { numRuns: 200 },
    ),
  );
});

function assertLegal({ packet, to }: Reply): void {
  const { giaddr, ciaddr, yiaddr, broadcast } = packet;
  const served = (address: string) => networkOf(address, settings) !== undefined;
  switch (to) {
    case 'relay':
      return assert.ok(served(giaddr) && giaddr !== server);
    case 'unicast-to-ciaddr':
      return assert.ok(served(ciaddr) && ciaddr !== none);
    case 'unicast-to-yiaddr':
      return assert.ok(served(yiaddr) && !broadcast && giaddr === none && ciaddr === none);
    case 'broadcast':
      return assert.equal(giaddr, none);
  }
}

test('an answer names this frontend, and never an address that it does not serve', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }), (steps) => {
        play(steps, (decision) => {
          if (decision.kind === 'ignore') return;
          const { options, yiaddr } = decision.packet;
          if (yiaddr !== none) assert.ok(networkOf(yiaddr, settings) && yiaddr !== server);
          if (options.has(dhcpOptions.messageType)) assert.ok(options.has(dhcpOptions.serverId));
        });
      }),
      { numRuns: 100 },
    ),
  );
});
