import test from 'ava';
import { findSettingsProblems } from '../../../src/frontend/dhcp/settings-problems.ts';
import { homeNetwork, relayedNetwork, settings } from './fixture.ts';

const problemsOf = (...networks: readonly (typeof homeNetwork)[]) =>
  findSettingsProblems({ ...settings, networks });

test('settings that can be used have no problems', (t) => {
  t.deepEqual(findSettingsProblems(settings), []);
});

test('the frontend has to be in one of the networks, as a host', (t) => {
  t.deepEqual(problemsOf(relayedNetwork), [
    'expected a network that holds 10.1.1.1, got 10.2.0.0/24',
  ]);
  t.is(problemsOf().length, 1);
});

test('what is no prefix is named', (t) => {
  const prefixes = ['10.1.0.0', '10.1.0.0/33', '10.1.0.256/24', 'fd00::/8', ''];
  for (const prefix of prefixes) {
    t.deepEqual(problemsOf({ ...homeNetwork, prefix }), [
      `expected a network as 10.1.0.0/16, got '${prefix}'`,
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
    ['expected networks apart from each other, got 10.1.0.0/16 and 10.1.7.0/24'],
  );
});
