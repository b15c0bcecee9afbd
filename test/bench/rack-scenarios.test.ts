import test from 'ava';
import { scenarios } from '../../bench/rack/scenarios.ts';
import { limitOf } from '../../bench/rack/situation.ts';

const treeSizeBytes = 64 * 2 ** 20;
const size = { nodes: 8, rateBitsPerSecond: 40e6 };

function situationOf(name: string, nodes = size.nodes) {
  const scenario = scenarios.get(name);
  if (scenario === undefined) throw new Error(`expected a scenario, got '${name}'`);
  return scenario.plan({ ...size, nodes }, treeSizeBytes);
}

function limit(name: string): string {
  return limitOf(situationOf(name), treeSizeBytes).toFixed(2);
}

test('each scenario is stated against its own limit', (t) => {
  t.is(limit('plain'), '14.03');
  t.is(limit('fast-frontend'), '14.03', "then a node's port is what limits");
  t.is(limit('spread'), '44.03', 'the last node starts after 30 s');
  t.is(limit('racks'), '28.07', 'two nodes at 4:1 have half a port for an uplink');
  t.is(limit('racks-unknown'), '28.07');
  t.is(limit('company'), '14.03');
  t.is(limit('frontend-gone'), '24.03', 'it is gone for 10 s while everybody lacks something');
  t.is(limit('tracker-gone'), '14.03');
});

test('nodes of a rack share an uplink and, where racks are to be known, a network', (t) => {
  const networks = (name: string, nodes: number) =>
    situationOf(name, nodes).nodes.map(({ ip, uplink }) => `${ip.split('.')[2]} ${uplink}`);
  t.deepEqual(networks('racks', 6), [
    ...['1 rack-0', '1 rack-0', '2 rack-1'],
    ...['2 rack-1', '3 rack-2', '3 rack-2'],
  ]);
  t.deepEqual(new Set(networks('racks-unknown', 32).map((text) => text[0])), new Set(['1']));
  t.is(situationOf('racks', 32).uplinks.length, 4);
  t.is(situationOf('racks', 32).uplinks[0]?.rateBitsPerSecond, 80e6);
});

test('no two machines of a scenario have the same name or address', (t) => {
  for (const name of scenarios.keys()) {
    const { frontend, nodes, others } = situationOf(name, 32);
    const all = [frontend, ...nodes, ...others];
    t.is(new Set(all.map((host) => host.name)).size, all.length, name);
    t.is(new Set(all.map((host) => host.ip)).size, all.length, name);
  }
});
