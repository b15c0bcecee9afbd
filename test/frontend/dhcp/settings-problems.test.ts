import test from 'ava';
import fc from 'fast-check';
import { boundsOf } from '../../../src/frontend/dhcp/network.ts';
import { readPrefix } from '../../../src/frontend/dhcp/prefix.ts';
import {
  findNetworkProblems,
  findSettingsProblems,
} from '../../../src/frontend/dhcp/settings-problems.ts';
import { formatAddress } from '../../../src/protocol/dhcp/address.ts';
import { homeNetwork, relayedNetwork, settings } from './fixture.ts';

const problemsOf = (...networks: readonly (typeof homeNetwork)[]) =>
  findSettingsProblems({ ...settings, networks }).map(
    ({ path, message }) => `${path.join('/')} ${message}`,
  );

test('settings that can be used have no problems', (t) => {
  t.deepEqual(findSettingsProblems(settings), []);
});

test('the frontend has to be in one of the networks, as a host', (t) => {
  t.deepEqual(problemsOf(relayedNetwork), [
    'dhcp/interface expected a network that holds 10.1.1.1, got 10.2.0.0/24',
  ]);
  t.is(problemsOf().length, 1);
});

test('what is no prefix is named', (t) => {
  const prefixes = ['10.1.0.0', '10.1.0.0/33', '10.1.0.256/24', 'fd00::/8', ''];
  for (const prefix of prefixes) {
    t.deepEqual(problemsOf({ ...homeNetwork, prefix }), [
      `dhcp/network expected a network as 10.1.0.0/16, got '${prefix}'`,
    ]);
  }
});

test('ranges lie in their network, the right way round, and are not endless', (t) => {
  const withRange = (first: string, last: string) =>
    problemsOf({ ...homeNetwork, prefix: '10.0.0.0/8', range: { first, last } }).length;
  t.is(withRange('10.1.0.1', '10.1.0.1'), 0);
  t.is(withRange('10.1.0.2', '10.1.0.1'), 1);
  t.is(withRange('10.0.0.0', '10.1.0.1'), 1);
  t.is(withRange('10.0.0.1', '10.255.255.254'), 1);
  t.is(withRange('10.1.0.1', '11.0.0.1'), 1);
});

test('routers are in the network, leases not too short, networks apart', (t) => {
  t.is(problemsOf({ ...homeNetwork, routers: ['10.2.0.1'] }).length, 1);
  t.is(problemsOf({ ...homeNetwork, leaseSeconds: 60 }).length, 1);
  t.deepEqual(
    problemsOf(
      { ...relayedNetwork, prefix: '10.1.7.0/24', range: undefined, routers: [] },
      homeNetwork,
    ),
    [
      'dhcp/networks/0/network expected networks apart from each other, got 10.1.0.0/16 and 10.1.7.0/24',
    ],
  );
});

test('each network that lies in another one is told, at the later of the two', (t) => {
  const bare = { ...homeNetwork, range: undefined, routers: [] };
  const wide = { ...bare, prefix: '10.0.0.0/8' };
  const others = ['10.3.0.0/16', '10.2.0.0/16', '10.2.0.0/16'].map((prefix) => ({
    ...bare,
    prefix,
  }));
  const apart = 'network expected networks apart from each other, got 10.0.0.0/8 and';
  t.deepEqual(problemsOf(wide, ...others), [
    `dhcp/networks/1/${apart} 10.2.0.0/16`,
    `dhcp/networks/2/${apart} 10.2.0.0/16`,
    `dhcp/networks/0/${apart} 10.3.0.0/16`,
  ]);
  t.deepEqual(problemsOf(bare, { ...bare, prefix: '10.0.0.0/16' }), []);
});

test('two of any networks are in each other, or nothing is said', (t) => {
  const networks = fc
    .array(fc.tuple(fc.nat(255), fc.integer({ min: 8, max: 30 })), { size: 'max', maxLength: 6 })
    .map((all) =>
      all.map(([second, bits]) => {
        const prefix = formatAddress((readPrefix(`10.${second}.0.0/${bits}`)?.first ?? 0) >>> 0);
        return { ...homeNetwork, prefix: `${prefix}/${bits}`, range: undefined, routers: [] };
      }),
    );
  const overlaps = (all: readonly (typeof homeNetwork)[]) =>
    all.some((one, at) =>
      all.slice(at + 1).some((other) => {
        const [a, b] = [boundsOf(one), boundsOf(other)];
        return a.first <= b.last && b.first <= a.last;
      }),
    );
  t.notThrows(() =>
    fc.assert(
      fc.property(networks, (all) => {
        const found = findNetworkProblems(all.map((network) => ({ network, path: [] })));
        return found.length > 0 === overlaps(all);
      }),
    ),
  );
});
