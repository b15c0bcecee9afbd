import { readFileSync } from 'node:fs';
import test from 'ava';
import { renderStatsPage } from '../../src/tracker/stats-page.ts';
import type {
  PeerStats,
  SwarmStats,
  TrackerStats,
  TransferStats,
} from '../../src/tracker/types.ts';

const mebibyte = 2 ** 20;
const style = readFileSync('src/tracker/stats-page/style.css', 'utf8');

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
    text.includes(
      'compute-3-7 10.1.0.7:6881 rack 3 scree 0.1 compute 25.0 % 20.0 MiB 5.0 MiB 3.0 MiB 2 min ago',
    ),
    text,
  );
  t.true(
    text.includes('[fd00::9]:51413 fd00::/64 Transmission 4.0.6 – seed – – 1.0 GiB 7 s ago'),
    text,
  );
  t.true(text.includes('this machine:6881 scree frontend seed'), text);
  t.true(text.includes('bookworm generation 3 · 100.0 MiB'), text);
  t.true(text.includes('Copies from the frontend 1.25 of 4.5 received'), text);
});

test('what a client says of itself cannot become a tag', (t) => {
  const evil = '<script>alert(1)</script>"\'&';
  const page = renderStatsPage(
    statsWith([swarm({ name: evil, peers: [peer({ client: evil, role: evil, address: evil })] })]),
  );
  t.is(page.split('<script').length, 2);
  t.true(page.includes('&lt;script&gt;'));
});

test('the page runs its own script alone, loads nothing from elsewhere, and throws nobody back', (t) => {
  const page = renderStatsPage(statsWith([swarm()]), [{ href: './', text: 'Console' }]);
  t.deepEqual(page.match(/<script[^>]*>/g), ['<script src="stats/live.js" defer>']);
  t.notRegex(page, /javascript:|\son\w+=|https?:\/\/|url\(|@import|http-equiv/i);
  t.regex(page, /<noscript><a href="stats">/);
  t.deepEqual(
    [...page.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href),
    [...['./', 'stats.json', 'metrics', 'stats']],
  );
});

test('a swarm of thousands stays a page that a person can load', (t) => {
  const peers = Array.from({ length: 1_000 }, (_, index) => peer({ port: 1_000 + index }));
  const page = renderStatsPage(statsWith([swarm({ peers, peersNotListed: 9_000 })]));
  t.true(page.includes('and 9800 more peers, counted above'));
  t.true(page.length < mebibyte);
});

const gib = 1_024 * mebibyte;
const flows = {
  sources: ['frontend', 'rack 1', 'rack 2'],
  receivers: ['rack 1', 'rack 2'],
  bytes: [
    [gib, gib / 2],
    [8 * gib, 0],
    [0, 4 * gib],
  ],
};

test('who feeds whom is a matrix with its sums, and what came from peers', (t) => {
  const page = renderStatsPage({ ...statsWith([]), flows: { byRack: flows, byNode: null } });
  const text = textOf(page);
  t.true(text.includes('By rack, in MiB'), text);
  t.true(text.includes('from ↓ to → rack 1 rack 2 gave frontend 1024 512 1536'), text);
  t.true(text.includes('rack 1 8192 8192 rack 2 4096 4096'), text);
  t.true(text.includes('received 9216 4608 % from peers 88 88'), text);
  t.regex(page, /<td class="rack w10">8192<\/td>/);
  t.regex(page, /<td class="racks w0"><\/td>/);
  t.regex(page, /<td class="frontend w4">1024<\/td>/);
});

test('of each rack it is told where its bytes came from, and what it gave to others', (t) => {
  const bytes = [
    [gib, gib / 2],
    [8 * gib, gib],
    [0, 2.5 * gib],
  ];
  const byRack = { ...flows, bytes };
  const text = textOf(renderStatsPage({ ...statsWith([]), flows: { byRack, byNode: null } }));
  t.true(text.includes('rack 1 88.9 % 0.0 % 11.1 % 9.0 GiB 1.0 GiB'), text);
  t.true(text.includes('rack 2 62.5 % 25.0 % 12.5 % 4.0 GiB 0 B'), text);
});

test('by node, those of a rack stand together, and their cells are of its colour', (t) => {
  const byNode = {
    ...{ sources: ['frontend', 'a', 'b', 'c'], sourceRacks: [null, 'rack 1', 'rack 1', 'rack 2'] },
    ...{ receivers: ['a', 'b', 'c'], receiverRacks: ['rack 1', 'rack 1', 'rack 2'] },
    bytes: [
      [5, 0, 6],
      [0, 10, 20],
      [30, 0, 0],
      [0, 0, 0],
    ].map((row) => row.map((count) => count * mebibyte)),
  };
  const page = renderStatsPage({ ...statsWith([]), flows: { byRack: flows, byNode } });
  const text = textOf(page);
  t.true(text.includes('By node, in MiB'), text);
  t.true(text.includes('rack 1 rack 2 from ↓ to → a b c gave frontend 5.0 6.0 11'), text);
  t.true(page.includes('<th scope="colgroup" colspan="2" class="first">rack 1</th>'));
  t.regex(
    page,
    /<th scope="row">a<\/th>\s*<td class="rack w0 first"><\/td>\s*<td class="rack w6">10<\/td>\s*<td class="racks w9 first">20<\/td>/,
  );
  t.is(page.split('<tr class="first">').length - 1, 3 + 2, 'the first of each rack, and the sums');
});

test('the shares of the own rack, of others and of the frontend add up to what is told', (t) => {
  const split = { fromOwnRackBytes: 280 * mebibyte, fromOtherRacksBytes: 15 * mebibyte };
  const text = textOf(renderStatsPage(statsWith([swarm(split)])));
  t.true(text.includes('280.0 MiB from the own rack (70.0 %)'), text);
  t.true(text.includes('15.0 MiB from other racks (3.8 %)'), text);
  t.true(text.includes('5.0 MiB from peers of a rack not told yet (1.3 %)'), text);
  t.true(text.includes('100.0 MiB from the frontend (25.0 %)'), text);
});

test('peers that were dropped are named with the reason, and who says so', (t) => {
  t.true(textOf(renderStatsPage(statsWith([]))).includes('No peer has been dropped.'));
  const offender = {
    ...{ address: 'compute-0-3', reason: 'sent a piece that does not verify' },
    ...{ by: 'compute-0-1', reports: 3, secondsAgo: 4 },
  };
  const text = textOf(renderStatsPage({ ...statsWith([]), offences: 3, offenders: [offender] }));
  const row = 'compute-0-3 sent a piece that does not verify compute-0-1 3 4 s ago';
  t.true(text.includes(row), text);
});

test('no name, reason or label of others can become a tag, and the page is well formed', (t) => {
  const evil = `<img src=x onerror=alert(1)>"'&</style></table>`;
  const offender = { address: evil, reason: evil, by: evil, reports: 1, secondsAgo: 1 };
  const matrix = { sources: [evil, 'frontend'], receivers: [evil], bytes: [[1], [2]] };
  const page = renderStatsPage({
    ...statsWith([swarm({ name: evil, infohash: evil, ownSeeds: [evil] })]),
    ...{
      offences: 1,
      offenders: [offender],
      flows: {
        byRack: matrix,
        byNode: { ...matrix, sourceRacks: [evil, null], receiverRacks: [evil] },
      },
    },
  });
  t.false(page.includes('<img'));
  t.deepEqual(openTags(page), []);
  t.is(page.split('</style>').length, 2);
});

test('text is told from its ground by everybody, by day and by night', (t) => {
  const pairs = [
    ...style.matchAll(/--([a-z]+): light-dark\((#[0-9a-f]{3,6}), (#[0-9a-f]{3,6})\);/g),
  ];
  t.true(pairs.length > 10);
  for (const mode of [2, 3]) {
    const colours = new Map(pairs.map((pair) => [pair[1], pair[mode] ?? '']));
    const card = colours.get('card') ?? '';
    const ground = colours.get('ground') ?? '';
    for (const name of ['ink', 'soft', 'share', 'link', 'lost']) {
      const ink = colours.get(name) ?? '';
      for (const behind of [card, ground])
        t.true(contrast(ink, behind) >= 4.5, `${name} ${behind}`);
    }
    // What a bar shows is also said in words; WCAG wants 3 of graphics.
    for (const name of ['rack', 'racks', 'peers', 'frontend', 'untold']) {
      const part = colours.get(name) ?? '';
      t.true(contrast(part, card) >= 3, `${name} ${contrast(part, card)}`);
    }
    // The strongest shades behind a figure: a cell that is 30 % of its source's colour.
    for (const name of ['rack', 'racks', 'frontend']) {
      const shade = mix(colours.get(name) ?? '', card, 0.3);
      t.true(contrast(colours.get('ink') ?? '', shade) >= 4.5, `shade ${name} ${shade}`);
    }
  }
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
    flows: { byRack: nothing, byNode: { ...nothing, sourceRacks: [], receiverRacks: [] } },
    offences: 0,
    offenders: [],
    refusals: {
      malformed: 0,
      'unknown-infohash': 0,
      'foreign-network': 0,
      'bad-connection-id': 0,
      'too-many-peers': 0,
      'too-often': 0,
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
    node: 'compute-3-7',
    rack: 'rack 3',
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
  node: 'fd00::9',
  rack: 'fd00::/64',
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

/** Tags that are left open, by the rules of XML but for what HTML leaves empty. */
function openTags(page: string): readonly string[] {
  const open: string[] = [];
  for (const [, slash, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
    if (['meta', 'br', 'link'].includes(name)) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) return [...open, `/${name}`];
  }
  return open;
}

/** The contrast of two colours (WCAG 2.2). */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = channels(hex).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(hex: string): readonly number[] {
  const long = hex.length === 4 ? hex.replaceAll(/[0-9a-f]/g, '$&$&') : hex;
  return [1, 3, 5].map((start) => Number.parseInt(long.slice(start, start + 2), 16));
}

function mix(front: string, back: string, share: number): string {
  const behind = channels(back);
  const mixed = channels(front).map((value, index) => {
    return Math.round(value * share + (behind[index] ?? 0) * (1 - share));
  });
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** What a reader sees, on one line. */
function textOf(page: string): string {
  const body = page.slice(page.indexOf('<body>'));
  return body.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}
