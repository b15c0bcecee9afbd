import { formatBytes } from '../runtime/units.ts';
import { formatEndpoint } from './address.ts';
import { othersName } from './flow-matrix.ts';
import { type FlowView, planFlows } from './flow-view.ts';
import { type BarPart, planProgressBar, planShare, type ShareView } from './share-view.ts';
import type {
  OffenderStats,
  PeerStats,
  StatsLink,
  SwarmStats,
  TrackerStats,
  TransferStats,
} from './types.ts';

type FigureView = { readonly name: string; readonly value: string; readonly note: string };

export type PeerView = {
  readonly name: string;
  /** Empty where it is the name. */
  readonly endpoint: string;
  readonly rack: string;
  readonly client: string;
  readonly role: string;
  readonly progress: string;
  /** Empty where there is no bar to draw. */
  readonly bar: readonly BarPart[];
  readonly fromPeers: string;
  readonly fromFrontend: string;
  readonly uploaded: string;
  readonly lastAnnounce: string;
};

export type SwarmView = {
  readonly name: string;
  readonly about: string;
  readonly infohash: string;
  readonly share: ShareView;
  readonly figures: readonly FigureView[];
  readonly peers: readonly PeerView[];
  readonly notListed: string;
};

type OffenderView = {
  readonly peer: string;
  readonly reason: string;
  readonly by: string;
  readonly reports: string;
  readonly last: string;
};

export type StatsView = {
  readonly title: string;
  readonly about: string;
  readonly links: readonly StatsLink[];
  readonly share: ShareView;
  readonly figures: readonly FigureView[];
  readonly flows: FlowView;
  readonly offenders: readonly OffenderView[];
  readonly offendersAbout: string;
  readonly swarms: readonly SwarmView[];
  readonly notListed: string;
};

const maximumOffenders = 50;
/** On the whole page; the rest is counted. */
const maximumRows = 200;

const ownForms: readonly StatsLink[] = [
  { href: 'stats.json', text: 'JSON' },
  { href: 'metrics', text: 'Prometheus' },
];

/** All texts of the statistics page; the templates only place and escape them. */
export function planStatsPage(stats: TrackerStats, links: readonly StatsLink[]): StatsView {
  const { totals, uptimeSeconds, intervalSeconds } = stats;
  const share = planShare(totals);
  return {
    title: `${share.fromPeers} from peers · Scree tracker`,
    about: `up ${formatDuration(uptimeSeconds)} · peers announce every ${intervalSeconds} s`,
    links: [...links, ...ownForms],
    share,
    figures: [
      figure('Swarms', `${totals.swarms}`, `of ${totals.torrents} torrents`),
      ...sharedFigures(totals),
      refusalsFigure(stats.refusals),
    ],
    flows: planFlows(stats),
    offenders: stats.offenders.slice(0, maximumOffenders).map(planOffender),
    offendersAbout: describeOffences(stats),
    swarms: planSwarms(stats.swarms),
    notListed: notListed(stats.swarmsNotListed, 'torrents'),
  };
}

function planSwarms(swarms: readonly SwarmStats[]): readonly SwarmView[] {
  let places = maximumRows;
  return swarms.map((swarm) => {
    const view = planSwarm(swarm, places);
    places = Math.max(0, places - swarm.peers.length);
    return view;
  });
}

function planSwarm(swarm: SwarmStats, places: number): SwarmView {
  const copies = swarm.copiesFromFrontend?.toFixed(2) ?? '–';
  const received = swarm.totalSizeBytes ? swarm.downloadedBytes / swarm.totalSizeBytes : 0;
  const ofReceived = received === 0 ? '' : `of ${received.toFixed(1)} received`;
  const own = swarm.ownSeeds.map(planOwnSeed);
  const peers = swarm.peers.slice(0, places).map(planPeer);
  const hidden = swarm.peersNotListed + swarm.peers.length - peers.length;
  return {
    name: swarm.name ?? 'no longer offered',
    about: describeTree(swarm),
    infohash: swarm.infohash,
    share: planShare(swarm),
    figures: [
      ...sharedFigures(swarm),
      figure('Copies from the frontend', copies, ofReceived),
      figure('Uploaded by peers', formatBytes(swarm.uploadedBytes)),
    ],
    peers: [...own, ...peers],
    notListed: notListed(hidden, 'peers'),
  };
}

function sharedFigures(
  of: Pick<SwarmStats, 'seeds' | 'leechers' | 'completed' | 'announcesPerSecond'>,
): readonly FigureView[] {
  return [
    figure('Downloading', `${of.leechers}`),
    figure('Seeds', `${of.seeds}`),
    figure('Completed', `${of.completed}`),
    figure('Announces', of.announcesPerSecond.toFixed(1), 'per second'),
  ];
}

function refusalsFigure(refusals: TrackerStats['refusals']): FigureView {
  const counts = Object.entries(refusals).filter(([, count]) => count > 0);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const reasons = counts.map(([reason, count]) => `${count} ${reason.replaceAll('-', ' ')}`);
  return figure('Refused', `${total}`, reasons.join(', '));
}

function figure(name: string, value: string, note = ''): FigureView {
  return { name, value, note };
}

function describeTree({ generation, totalSizeBytes }: SwarmStats): string {
  const size = totalSizeBytes === null ? [] : [formatBytes(totalSizeBytes)];
  return [...(generation === null ? [] : [`generation ${generation}`]), ...size].join(' · ');
}

function planOwnSeed(endpoint: string): PeerView {
  const nothing = { fromPeers: '–', fromFrontend: '–', uploaded: '–', lastAnnounce: 'always here' };
  const progress = { progress: 'seed', bar: [] };
  const place = endpoint.replace(/^\*/, 'this machine');
  const name = { name: place, endpoint: '', rack: '' };
  return { ...name, client: 'scree', role: 'frontend', ...progress, ...nothing };
}

function planPeer(peer: PeerStats): PeerView {
  const endpoint = formatEndpoint(peer.address, peer.port);
  const isNamed = peer.node !== peer.address && peer.node !== endpoint && peer.node !== othersName;
  return {
    name: isNamed ? peer.node : endpoint,
    endpoint: isNamed ? endpoint : '',
    rack: peer.rack,
    client: peer.client,
    role: peer.role ?? '–',
    progress: describeProgress(peer),
    bar: peer.progress === null ? [] : planProgressBar(transferOf(peer), peer.progress),
    fromPeers: bytesOrDash(peer.fromPeersBytes),
    fromFrontend: bytesOrDash(peer.fromFrontendBytes),
    uploaded: formatBytes(peer.uploadedBytes),
    lastAnnounce: `${formatDuration(peer.lastAnnounceSeconds)} ago`,
  };
}

function planOffender(offender: OffenderStats): OffenderView {
  return {
    peer: offender.address,
    reason: offender.reason,
    by: offender.by,
    reports: `${offender.reports}`,
    last: `${formatDuration(offender.secondsAgo)} ago`,
  };
}

function describeOffences({ offences, offenders }: TrackerStats): string {
  if (offences === 0) return 'No peer has been dropped.';
  const hidden = offenders.length > maximumOffenders ? ', those told of last' : '';
  return `${offences} in all; each peer and reason once${hidden}.`;
}

function describeProgress({ seed, progress }: PeerStats): string {
  if (seed) return 'seed';
  return progress === null ? 'not told' : `${(progress * 100).toFixed(1)} %`;
}

function transferOf(peer: PeerStats): TransferStats {
  const fromFrontendBytes = peer.fromFrontendBytes ?? 0;
  const fromPeersBytes = peer.fromPeersBytes ?? 0;
  return {
    ...peer,
    fromFrontendBytes,
    fromPeersBytes,
    fromOwnRackBytes: 0,
    fromOtherRacksBytes: 0,
  };
}

function bytesOrDash(sizeBytes: number | null): string {
  return sizeBytes === null ? '–' : formatBytes(sizeBytes);
}

function notListed(count: number, what: string): string {
  return count === 0 ? '' : `and ${count} more ${what}, counted above`;
}

function formatDuration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800
    ? `${Math.floor(seconds / 3600)} h`
    : `${Math.floor(seconds / 86_400)} d`;
}
