import test from 'ava';
import { renderStatsPage } from '../../src/tracker/stats-page.ts';
import type {
  PeerStats,
  SwarmStats,
  TrackerStats,
  TransferStats,
} from '../../src/tracker/types.ts';

const mebibyte = 2 ** 20;

test('a tracker that nobody has asked yet has a page too', (t) => {
  const page = renderStatsPage(statsWith([]));
  t.true(page.startsWith('<!doctype html>'));
  t.true(page.includes('nothing downloaded yet'));
  t.true(page.includes('No torrent has been announced yet.'));
});

test('the share of bytes from peers stands first, per tree and in all', (t) => {
  const page = renderStatsPage(statsWith([swarm()]));
  t.is(page.split('<strong>75.0 %</strong>').length - 1, 2);
  t.true(page.includes('of 400.0 MiB came from peers'));
  t.true(page.includes('300.0 MiB from peers'));
  t.true(page.includes('100.0 MiB from the frontend'));
  t.true(page.includes('50.0 MiB to clients that do not tell'));
});

test('each peer shows its progress and where its bytes came from', (t) => {
  const text = textOf(renderStatsPage(statsWith([swarm()])));
  t.true(
    text.includes('10.1.0.7:6881 scree 0.1 compute 25.0 % 20.0 MiB 5.0 MiB 3.0 MiB 2 min ago'),
    text,
  );
  t.true(text.includes('[fd00::9]:51413 Transmission 4.0.6 – seed – – 1.0 GiB 7 s ago'), text);
  t.true(text.includes('this machine:6881 scree frontend seed'), text);
  t.true(text.includes('bookworm generation 3 · 100.0 MiB'), text);
  t.true(text.includes('Copies from the frontend 1.25'), text);
});

test('what a client says of itself cannot become a tag', (t) => {
  const evil = '<script>alert(1)</script>"\'&';
  const page = renderStatsPage(
    statsWith([swarm({ name: evil, peers: [peer({ client: evil, role: evil, address: evil })] })]),
  );
  t.false(page.includes('<script'));
  t.true(page.includes('&lt;script&gt;'));
});

test('the page runs no script and loads nothing from elsewhere', (t) => {
  const page = renderStatsPage(statsWith([swarm()]));
  t.notRegex(page, /<script|javascript:|\son\w+=|https?:\/\/|url\(|@import/i);
  t.regex(page, /<meta http-equiv="refresh" content="\d+">/);
});

test('a swarm of thousands stays a page that a person can load', (t) => {
  const peers = Array.from({ length: 1_000 }, (_, index) => peer({ port: 1_000 + index }));
  const page = renderStatsPage(statsWith([swarm({ peers, peersNotListed: 9_000 })]));
  t.true(page.includes('and 9800 more peers, counted above'));
  t.true(page.length < mebibyte);
});

test('refusals are told by their reasons', (t) => {
  const stats = statsWith([]);
  const refusals = { ...stats.refusals, 'unknown-infohash': 3, 'foreign-network': 2 };
  const text = textOf(renderStatsPage({ ...stats, refusals }));
  t.true(text.includes('Refused 5 3 unknown infohash, 2 foreign network'), text);
});

type Summed = Exclude<keyof TransferStats, 'uploadedBytes'>;
const nothing = { sources: [], receivers: [], bytes: [] };

function statsWith(swarms: readonly SwarmStats[]): TrackerStats {
  const sum = (name: Summed) => swarms.reduce((total, each) => total + each[name], 0);
  return {
    uptimeSeconds: 60,
    intervalSeconds: 30,
    totals: {
      torrents: 2,
      swarms: swarms.length,
      seeds: 1,
      leechers: 1,
      completed: 0,
      announces: 10,
      announcesPerSecond: 0.5,
      uploadedBytes: 0,
      downloadedBytes: sum('downloadedBytes'),
      fromFrontendBytes: sum('fromFrontendBytes'),
      fromPeersBytes: sum('fromPeersBytes'),
      fromOwnRackBytes: sum('fromOwnRackBytes'),
      fromOtherRacksBytes: sum('fromOtherRacksBytes'),
    },
    flows: { byRack: nothing, byNode: nothing },
    offences: 0,
    offenders: [],
    refusals: {
      malformed: 0,
      'unknown-infohash': 0,
      'foreign-network': 0,
      'bad-connection-id': 0,
      'too-many-peers': 0,
      overloaded: 0,
    },
    swarms,
    swarmsNotListed: 0,
  };
}

function swarm(changes: Partial<SwarmStats> = {}): SwarmStats {
  return {
    infohash: 'ab'.repeat(20),
    name: 'bookworm',
    generation: 3,
    totalSizeBytes: 100 * mebibyte,
    seeds: 1,
    leechers: 1,
    completed: 0,
    announces: 10,
    announcesPerSecond: 0.5,
    uploadedBytes: 0,
    downloadedBytes: 450 * mebibyte,
    fromFrontendBytes: 100 * mebibyte,
    fromPeersBytes: 300 * mebibyte,
    fromOwnRackBytes: 0,
    fromOtherRacksBytes: 0,
    copiesFromFrontend: 1.25,
    ownSeeds: ['*:6881'],
    peers: [peer(), foreignSeed],
    peersNotListed: 0,
    ...changes,
  };
}

function peer(changes: Partial<PeerStats> = {}): PeerStats {
  return {
    address: '10.1.0.7',
    port: 6881,
    client: 'scree 0.1',
    role: 'compute',
    seed: false,
    progress: 0.25,
    uploadedBytes: 3 * mebibyte,
    downloadedBytes: 25 * mebibyte,
    fromFrontendBytes: 5 * mebibyte,
    fromPeersBytes: 20 * mebibyte,
    lastAnnounceSeconds: 130,
    ...changes,
  };
}

const foreignSeed: PeerStats = {
  address: 'fd00::9',
  port: 51_413,
  client: 'Transmission 4.0.6',
  role: null,
  seed: true,
  progress: 1,
  uploadedBytes: 1_024 * mebibyte,
  downloadedBytes: 0,
  fromFrontendBytes: null,
  fromPeersBytes: null,
  lastAnnounceSeconds: 7,
};

/** What a reader sees, on one line. */
function textOf(page: string): string {
  const body = page.slice(page.indexOf('<body>'));
  return body.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}
