import { sum } from '../sum.ts';
import { limitMs } from './limit.ts';
import { wireFactor } from './link.ts';
import { type ModelNode, type ModelRack, slowness, trunkBytesPerSecond } from './model-rack.ts';
import type { SimulateOptions } from './options.ts';
import { countWanted, type Wanted } from './wanted.ts';

/** What came out. Times are from the first installer's start, ratios without unit. */
export type SimulateFigures = {
  readonly nodes: number;
  readonly racks: number;
  readonly treeBytes: number;
  readonly pieces: number;
  readonly pieceBytes: number;
  /** By what tree and rates of the model are smaller than the real ones. */
  readonly scale: number;
  readonly seed: number;
  readonly limitSeconds: number;
  readonly makespanSeconds: number;
  readonly makespanToLimit: number;
  /** Bytes that left the frontend as pieces or ranges ÷ what the nodes want, each byte once. */
  readonly copies: number;
  /** Of these, by HTTP. */
  readonly fallbackCopies: number;
  readonly fallbacksRefused: number;
  /** What it sent before, so that agents know the tree: the manifest and the torrent of each. */
  readonly documentCopies: number;
  /** What the nodes received ÷ what their installers wanted. */
  readonly receivedToWanted: number;
  readonly medianSeconds: number;
  readonly slowestToMedian: number;
  readonly firstByteMedianSeconds: number;
  readonly firstByteP99Seconds: number;
  /** Over the uplink of one rack ÷ what its nodes want, each byte once; undefined without racks. */
  readonly uplinks: UplinkFigures | undefined;
  readonly tracker: { readonly announcesPerSecond: number; readonly mostPerSecond: number };
  /** Connected to the frontend when the last node ended. */
  readonly frontendPeers: number;
  readonly wrongPieces: number;
  /** Of the model. */
  readonly bytes: {
    readonly sent: number;
    readonly taken: number;
    readonly unwanted: number;
    readonly fallback: number;
    readonly installed: number;
    readonly wanted: number;
  };
  readonly events: number;
};

export type UplinkFigures = {
  readonly inMedian: number;
  readonly inMost: number;
  readonly outMost: number;
};

export function collectFigures(rack: ModelRack, options: SimulateOptions): SimulateFigures {
  const { tree, frontend, tracker, traffic, time, nodes } = rack;
  const { treeBytes, headStartMs } = options;
  const wanted = countWanted(nodes, options.rackSize);
  const { distinctBytes } = wanted;
  const startsMs = nodes.map((node) => node.startsAtMs + headStartMs);
  const firstMs = startsMs.reduce((least, each) => Math.min(least, each));
  const ends = nodes.map((node, at) => ({ endMs: endOf(node), startMs: startsMs[at] ?? 0 }));
  const makespanMs = ends.reduce((most, { endMs }) => Math.max(most, endMs), 0) - firstMs;
  const took = ends.map(({ endMs, startMs }) => endMs - startMs);
  const limit = limitMs({
    ...{ ...options, ...surroundingsOf(rack, options) },
    ...{ wanted, startsMs, scale: tree.scale },
  });
  const waits = Float64Array.from(rack.waitsMs).sort();
  const { fallbackBytes, documentBytes } = frontend.counts;
  const median = quantile(Float64Array.from(took).sort(), 0.5);
  const endSeconds = (makespanMs + firstMs) / 1000;
  return {
    nodes: nodes.length,
    racks: rack.trunks.length,
    treeBytes,
    pieces: tree.metainfo.pieceCount,
    pieceBytes: tree.metainfo.pieceLengthBytes,
    scale: round(tree.scale),
    seed: options.seed,
    limitSeconds: round(limit / 1000),
    makespanSeconds: round(makespanMs / 1000),
    makespanToLimit: round(makespanMs / limit),
    copies: round((frontend.sentBytes() + fallbackBytes) / distinctBytes),
    fallbackCopies: round(fallbackBytes / distinctBytes),
    fallbacksRefused: frontend.fallbacksRefused(),
    documentCopies: round(documentBytes / distinctBytes),
    receivedToWanted: round(receivedBytes(nodes) / sum(wanted.nodeBytes)),
    medianSeconds: round(median / 1000),
    slowestToMedian: round(took.reduce((most, each) => Math.max(most, each), 0) / median),
    firstByteMedianSeconds: round(quantile(waits, 0.5) / 1000),
    firstByteP99Seconds: round(quantile(waits, 0.99) / 1000),
    uplinks: rack.trunks.length === 0 ? undefined : uplinksOf(rack, wanted),
    tracker: {
      announcesPerSecond: round(tracker.announces() / endSeconds),
      mostPerSecond: tracker.mostPerSecond(),
    },
    frontendPeers: frontend.peerCount(),
    wrongPieces: sum(nodes.map((node) => countersOf(node)?.badPieces ?? 0)),
    bytes: {
      sent: traffic.sentBytes,
      taken: traffic.takenBytes,
      unwanted: traffic.unwantedBytes,
      fallback: fallbackBytes,
      installed: sum(nodes.map((node) => node.installation?.receivedBytes ?? 0)),
      wanted: sum(wanted.nodeBytes),
    },
    events: time.events,
  };
}

function surroundingsOf({ trunks }: ModelRack, options: SimulateOptions) {
  return {
    othersBytesPerSecond: (options.slow * options.nodeBytesPerSecond) / slowness,
    uplinkBytesPerSecond: trunks.length === 0 ? undefined : trunkBytesPerSecond(options),
  };
}

function uplinksOf({ trunks }: ModelRack, { rackBytes }: Wanted): UplinkFigures {
  const share = (carriedBytes: number, at: number) =>
    carriedBytes / (Math.max(1, rackBytes[at] ?? 0) * wireFactor);
  const into = Float64Array.from(trunks, ({ down }, at) => share(down.carriedBytes, at)).sort();
  const out = Float64Array.from(trunks, ({ up }, at) => share(up.carriedBytes, at)).sort();
  return {
    inMedian: round(quantile(into, 0.5)),
    inMost: round(into.at(-1) ?? 0),
    outMost: round(out.at(-1) ?? 0),
  };
}

function receivedBytes(nodes: readonly ModelNode[]): number {
  const received = nodes.flatMap((node) => countersOf(node) ?? []);
  return sum(
    received.map(
      (each) =>
        each.receivedFromFrontendBytes + each.receivedFromPeersBytes + each.receivedByHttpBytes,
    ),
  );
}

function countersOf(node: ModelNode) {
  return node.leecher?.status().counters;
}

function endOf({ installation }: ModelNode): number {
  return installation?.endedAtMs ?? Number.NaN;
}

/** Of sorted values; NaN when there is none. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
