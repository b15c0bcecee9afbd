import test from 'ava';
import fc from 'fast-check';
import { networkDefaults } from '../../../src/frontend/dhcp/defaults.ts';
import type { Lease } from '../../../src/frontend/dhcp/lease.ts';
import { isInRange } from '../../../src/frontend/dhcp/network.ts';
import type { DhcpNetwork } from '../../../src/frontend/dhcp/types.ts';
import {
  chooseNodeAddress,
  type NodeAddressRequest,
} from '../../../src/frontend/discover/choose-node-address.ts';
import { homeNetwork, lookup, node } from '../dhcp/fixture.ts';

function request(values: Partial<NodeAddressRequest> = {}): NodeAddressRequest {
  return {
    network: homeNetwork,
    from: undefined,
    nodes: lookup([]),
    leases: { at: () => undefined },
    holder: 'mac:52:54:00:00:00:07',
    kept: new Set(),
    nowMs: 1_000,
    ...values,
  };
}

function leaseOf(address: string, values: Partial<Lease> = {}): Lease {
  return { address, holder: 'mac:x', mac: 'x', state: 'bound', untilMs: 2_000, ...values };
}

test('the lowest host of the network comes first, past the range of leases', (t) => {
  t.is(chooseNodeAddress(request()), '10.1.0.1');
  const network = { ...homeNetwork, range: { first: '10.1.0.1', last: '10.1.3.7' } };
  t.is(chooseNodeAddress(request({ network })), '10.1.3.8');
  t.is(chooseNodeAddress(request({ network, from: '10.1.0.9' })), '10.1.0.9');
  t.is(chooseNodeAddress(request({ from: '10.1.7.255' })), '10.1.7.255');
});

test('no address that anybody has, or that serves the network, is chosen', (t) => {
  const nodes = lookup([node({ address: '10.1.0.1' })]);
  const leases = {
    at: (address: string) => (address === '10.1.0.2' ? leaseOf(address) : undefined),
  };
  const network: DhcpNetwork = {
    ...{ ...homeNetwork, routers: ['10.1.0.3'], dns: ['10.1.0.4'], ntp: ['10.1.0.5'] },
    staticRoutes: [{ network: '10.9.0.0', prefixLength: 16, router: '10.1.0.6' }],
  };
  const kept = new Set(['10.1.0.7']);
  t.is(chooseNodeAddress(request({ nodes, leases, network, kept })), '10.1.0.8');
});

test('what the machine itself has, and what has ended, is free; what was declined is not', (t) => {
  const chosenWith = (values: Partial<Lease>) => {
    const at = (address: string) => (address === '10.1.0.1' ? leaseOf(address, values) : undefined);
    return chooseNodeAddress(request({ leases: { at } }));
  };
  t.is(chosenWith({ holder: 'mac:52:54:00:00:00:07' }), '10.1.0.1');
  t.is(chosenWith({ untilMs: 1_000 }), '10.1.0.1');
  t.is(chosenWith({ state: 'released' }), '10.1.0.1');
  t.is(chosenWith({ holder: 'mac:52:54:00:00:00:07', state: 'declined' }), '10.1.0.2');
});

test('a network that is full has none', (t) => {
  const network = { ...networkDefaults, prefix: '10.3.0.0/29' };
  const kept = new Set([1, 2, 3, 4, 5, 6].map((last) => `10.3.0.${last}`));
  t.is(chooseNodeAddress(request({ network, kept })), undefined);
  kept.delete('10.3.0.6');
  t.is(chooseNodeAddress(request({ network, kept })), '10.3.0.6');
  t.is(chooseNodeAddress(request({ network, from: '10.3.0.7' })), undefined);
});

test('whoever has what: the choice is the first that is free', (t) => {
  const host = fc.integer({ min: 0, max: 31 }).map((last) => `10.3.0.${last}`);
  const hosts = fc.array(host, { size: 'max', maxLength: 40 });
  const ends = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }));
  t.notThrows(() =>
    fc.assert(
      fc.property(hosts, hosts, ends, fc.option(host), (reserved, leased, [a, b], from) => {
        const range = { first: `10.3.0.${Math.min(a, b)}`, last: `10.3.0.${Math.max(a, b)}` };
        const network = { ...networkDefaults, prefix: '10.3.0.0/27', range };
        const isTaken = (address: string) => reserved.includes(address) || leased.includes(address);
        const chosen = chooseNodeAddress(
          request({
            network,
            from: from ?? undefined,
            nodes: { byAddress: (address) => (reserved.includes(address) ? node() : undefined) },
            leases: { at: (address) => (leased.includes(address) ? leaseOf(address) : undefined) },
          }),
        );
        const first = Number(from?.split('.')[3] ?? 0);
        const free = Array.from({ length: 32 }, (_, last) => `10.3.0.${last}`)
          .slice(Math.max(1, first), 31)
          .find((each) => !isTaken(each) && (from !== null || !isInRange(network, each)));
        if (chosen !== free) throw new Error(`expected ${free}, got ${chosen}`);
      }),
    ),
  );
});
