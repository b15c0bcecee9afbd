import test from 'ava';
import { collectStats } from '../../src/tracker/stats.ts';
import type { TrackerStats } from '../../src/tracker/types.ts';
import { createTestRegistry, type TestRegistry } from './registry-fixture.ts';
import { createCatalog, infohash, otherInfohash, peerIdOf } from './tracker-fixture.ts';

const refusals = {
  malformed: 0,
  'unknown-infohash': 0,
  'foreign-network': 0,
  'bad-connection-id': 0,
  'too-many-peers': 0,
  'too-often': 0,
  overloaded: 0,
};
const catalog = createCatalog([
  { totalSizeBytes: 1_000 },
  { infohash: otherInfohash, name: 'alma/a.rpm', generation: 7 },
]);

test('each swarm has its name, counts and sums, the busiest first; totals are their sums', (t) => {
  const made = createTestRegistry({}, catalog);
  made.registry.ownSeeds.add({ infohash, port: 6881, address: '10.1.0.254' });
  for (let second = 0; second < 30; second += 1) {
    made.clock.nowMs += 1_000;
    const frontendBytes = 10 * second;
    made.announce({ downloadedBytes: 20 * second, frontendBytes, leftBytes: 1_000 - 20 * second });
  }
  made.announce({ infohash: otherInfohash, leftBytes: 0, uploadedBytes: 99 });
  const stats = collect(made);
  const [first, second] = stats.swarms;
  t.like(first, {
    name: 'bookworm',
    generation: 1,
    seeds: 1,
    leechers: 1,
    announces: 30,
    announcesPerSecond: 0.5,
    downloadedBytes: 580,
    fromFrontendBytes: 290,
    fromPeersBytes: 290,
    copiesFromFrontend: 0.29,
    ownSeeds: ['10.1.0.254:6881'],
  });
  t.like(second, { name: 'alma/a.rpm', generation: 7, seeds: 1, uploadedBytes: 99 });
  t.like(stats.totals, { torrents: 2, swarms: 2, seeds: 2, leechers: 1, downloadedBytes: 580 });
});

test('peers are listed in the order of their addresses, as they last announced', (t) => {
  const made = createTestRegistry({}, catalog);
  const peerId = peerIdOf('-SC0100-');
  made.announce({ address: '10.1.0.10', peerId, role: 'compute', leftBytes: 250 });
  made.announce({ address: '10.1.0.9', port: 7001, leftBytes: 0 });
  made.announce({ address: '10.1.0.9', port: 7000, leftBytes: 0 });
  made.clock.nowMs += 12_000;
  const peers = collect(made).swarms[0]?.peers ?? [];
  t.deepEqual(
    peers.map(({ address, port }) => `${address}:${port}`),
    ['10.1.0.9:7000', '10.1.0.9:7001', '10.1.0.10:7000'],
  );
  t.like(peers[2], { client: 'scree 0.1', role: 'compute', progress: 0.75, seed: false });
  t.is(peers[2]?.lastAnnounceSeconds, 12);
});

test('however many peers there are, the list of them is bounded', (t) => {
  const hashes = ['01', '02', '03', '04'].map((byte) => byte.repeat(20));
  const entries = createCatalog(hashes.map((each) => ({ infohash: each })));
  const made = createTestRegistry({ peersPerSwarm: 5_000, peersPerAddress: 5_000 }, entries);
  for (const [index, each] of hashes.entries()) {
    for (let port = 1; port <= 1_500 - index * 400; port += 1) {
      made.announce({ infohash: each, port });
    }
  }
  const { swarms } = collect(made, entries);
  t.deepEqual(
    swarms.map((swarm) => [swarm.leechers, swarm.peers.length, swarm.peersNotListed]),
    [
      [1_500, 250, 1_250],
      [1_100, 50, 1_050],
      [700, 0, 700],
      [300, 0, 300],
    ],
  );
});

test('however many torrents are seeded, the list of them is bounded', (t) => {
  const entries = Array.from({ length: 300 }, (_, index) => ({
    infohash: index.toString(16).padStart(40, '0'),
  }));
  const made = createTestRegistry({}, createCatalog(entries));
  for (const each of entries) made.registry.ownSeeds.add({ ...each, port: 6881 });
  made.announce({ infohash: entries[299]?.infohash ?? '' });
  const stats = collect(made, createCatalog(entries));
  t.is(stats.swarms[0]?.infohash, entries[299]?.infohash);
  t.is(stats.swarms.length, 50);
  t.is(stats.swarmsNotListed, 250);
  t.is(stats.totals.seeds, 300);
});

test('the figures are plain JSON', (t) => {
  const made = createTestRegistry({}, catalog);
  made.announce({ leftBytes: undefined });
  const stats = collect(made);
  t.deepEqual(JSON.parse(JSON.stringify(stats)), stats);
});

function collect({ registry, places, clock }: TestRegistry, of = catalog): TrackerStats {
  const moment = { nowMs: clock.nowMs, uptimeSeconds: 5, intervalSeconds: 30, refusals };
  return collectStats({ registry, places, catalog: of }, moment);
}
