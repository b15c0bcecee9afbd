import test from 'ava';
import { hungUp } from '../../src/protocol/offences.ts';
import type { AnnounceReport } from '../../src/tracker/announce-report.ts';
import { defaultLimits } from '../../src/tracker/registry.ts';
import { silentIntervals, sweepMs, sweptAtOnce } from '../../src/tracker/sweeping.ts';
import { createTestRegistry, peersIn } from './registry-fixture.ts';
import { createCatalog, infohash } from './tracker-fixture.ts';

const addressOf = (rack: number, rank: number) => `10.1.${rack}.${rank}`;
const rackOf = (endpoint: string) => Number(endpoint.split('.')[2]);

test('a peer is told of its own rack first, of some others, and of the frontend', (t) => {
  const { announce, registry } = createTestRegistry();
  registry.ownSeeds.add({ infohash, port: 6881, address: '10.1.255.254' });
  for (let rack = 0; rack < 10; rack += 1) {
    for (let rank = 1; rank <= 60; rank += 1) announce({ address: addressOf(rack, rank) });
  }
  const told = peersIn(announce({ address: addressOf(4, 7), wanted: 50 })) ?? [];
  t.is(told.length, 50);
  t.true(told.includes('10.1.255.254:6881'));
  t.is(told.filter((each) => rackOf(each) === 4).length, 39);
  t.false(told.includes(`${addressOf(4, 7)}:7000`));
});

test('a machine that was moved is told of its new rack', (t) => {
  const { announce } = createTestRegistry();
  for (let rank = 1; rank <= 40; rank += 1) {
    announce({ address: addressOf(1, rank) });
    announce({ address: addressOf(2, rank) });
  }
  const told = peersIn(announce({ address: addressOf(2, 77), wanted: 20 })) ?? [];
  t.is(told.filter((each) => rackOf(each) === 2).length, 16);
});

test('seeds go to those in need', (t) => {
  const size = 1_000_000;
  const catalog = { ...createCatalog([{}]), sizeOf: () => size };
  const { announce } = createTestRegistry({}, catalog);
  for (let rank = 1; rank <= 60; rank += 1) {
    announce({ address: addressOf(1, rank), leftBytes: 0 });
    announce({ address: addressOf(2, rank), leftBytes: 5 });
  }
  const seedsFor = (leftBytes: number) =>
    peersIn(announce({ address: addressOf(3, 1), leftBytes, wanted: 60 }))?.filter(
      (each) => rackOf(each) === 1,
    ).length;
  t.is(seedsFor(size), 30);
  t.is(seedsFor(1), 11);
  t.deepEqual(
    peersIn(announce({ address: addressOf(1, 1), leftBytes: 0 }))?.filter(
      (each) => rackOf(each) === 1,
    ),
    [],
  );
});

const report = (number: number, changes: Partial<AnnounceReport> = {}): AnnounceReport => ({
  number,
  sources: [
    { address: '10.1.1.2', port: 6881, sizeBytes: 60 },
    { address: '10.1.2.2', port: 6881, sizeBytes: 30 },
  ],
  offenders: [{ address: '10.1.2.9', port: 6881, reason: 'sent a piece that does not verify' }],
  ...changes,
});

test('what a peer got from its own rack and from others is told apart', (t) => {
  const { announce, registry } = createTestRegistry();
  for (const address of ['10.1.1.2', '10.1.2.2']) announce({ address, event: 'started' });
  announce({ address: '10.1.2.2', event: 'stopped' });
  announce({
    ...{ address: '10.1.1.1', downloadedBytes: 100, frontendBytes: 10, report: report(1) },
  });
  t.like(registry.totalsOf(infohash), {
    fromFrontendBytes: 10,
    fromPeersBytes: 90,
    fromOwnRackBytes: 60,
    fromOtherRacksBytes: 30,
  });
  const { byNode, byRack } = registry.flows.snapshot();
  t.deepEqual(byRack, {
    sources: ['frontend', '10.1.1.0/24', '10.1.2.0/24'],
    receivers: ['10.1.1.0/24'],
    bytes: [[10], [60], [30]],
  });
  t.deepEqual(byNode?.sources, ['frontend', '10.1.1.2', '10.1.2.2']);
  t.like(registry.offenders.list(1_000_000), [{ address: '10.1.2.9', by: '10.1.1.1', reports: 1 }]);
});

test('a report that is sent again, because its answer was lost, counts once', (t) => {
  const { announce, registry } = createTestRegistry();
  const said = { downloadedBytes: 100, frontendBytes: 10 };
  announce({ ...said, report: report(1) });
  announce({ ...said, report: report(1) });
  t.is(registry.totalsOf(infohash).fromOtherRacksBytes, 90);
  t.is(registry.offenders.reports, 1);
  announce({ ...said, downloadedBytes: 200, report: report(2) });
  announce({ ...said, downloadedBytes: 290, event: 'stopped', report: report(3) });
  t.is(registry.totalsOf(infohash).fromOtherRacksBytes, 270);
});

test('who has said good-bye, or never came, does not hang up; who is here does', (t) => {
  const { announce, registry } = createTestRegistry();
  const offenders = [{ address: '10.1.1.2', port: 6881, reason: hungUp }];
  announce({ address: '10.1.1.2', port: 6881, event: 'started' });
  announce({ address: '10.1.1.2', port: 6881, event: 'stopped' });
  announce({ address: '10.1.1.1', report: report(1, { sources: [], offenders }) });
  t.is(registry.offenders.reports, 0);
  announce({ address: '10.1.1.2', port: 6881, event: 'started' });
  announce({ address: '10.1.1.1', report: report(2, { sources: [], offenders }) });
  t.like(registry.offenders.list(1_000_000), [{ address: '10.1.1.2', reason: hungUp }]);
});

test('a peer that says it got more from others than it got at all is not believed', (t) => {
  const { announce, registry } = createTestRegistry();
  announce({ downloadedBytes: 80, frontendBytes: 0, report: report(1) });
  t.is(registry.totalsOf(infohash).fromOtherRacksBytes, 0);
  t.is(registry.flows.snapshot().byRack.bytes.length, 0);
});

test('of thousands that vanish at once none is left after two intervals', (t) => {
  const intervalMs = 30_000;
  const { announce, registry, clock } = createTestRegistry({
    ...{ peers: 20_000, peersPerSwarm: 20_000, silenceMs: silentIntervals * intervalMs },
  });
  for (let index = 0; index < 19_000; index += 1) {
    const address = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
    announce({ address, wanted: 0 });
  }
  const vanishedMs = clock.nowMs;
  announce({ address: '10.9.0.1', wanted: 0 });
  for (; clock.nowMs < vanishedMs + 2 * intervalMs; clock.nowMs += sweepMs) {
    registry.sweep(sweptAtOnce);
  }
  t.is(registry.table.size, 0);
  t.is(registry.swarms.size, 0);
  // And of as many as there may be.
  const slicesOfAll = Math.ceil(defaultLimits.peers / sweptAtOnce.removals);
  t.true(silentIntervals * intervalMs + slicesOfAll * sweepMs < 2 * intervalMs);
});

test('sweeping a part at a time keeps those that announce', (t) => {
  const { announce, registry, clock } = createTestRegistry({ silenceMs: 50_000 });
  for (let port = 1; port <= 90; port += 1) announce({ port });
  clock.nowMs += 40_000;
  for (let port = 1; port <= 30; port += 1) announce({ port });
  clock.nowMs += 20_000;
  let turns = 1;
  while (!registry.sweep({ slots: 16, removals: 4 })) turns += 1;
  t.is(registry.table.size, 30);
  t.true(turns >= 15, `${turns} turns`);
});
