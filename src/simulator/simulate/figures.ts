import { limitMs } from './limit.ts';
import { wireFactor } from './link.ts';
import { type ModelNode, type ModelRack, slowness, trunkBytesPerSecond } from './model-rack.ts';
import type { SimulateOptions } from './options.ts';

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
  /** Bytes that left the frontend as pieces or ranges ÷ the tree. */
  readonly copies: number;
  /** Of these, by HTTP. */
  readonly fallbackCopies: number;
  readonly fallbacksRefused: number;
  /** What it sent before, so that agents know the tree: the manifest and the torrent of each. */
  readonly documentCopies: number;
  readonly medianSeconds: number;
  readonly slowestToMedian: number;
  readonly firstByteMedianSeconds: number;
  readonly firstByteP99Seconds: number;
  /** Over the uplink of one rack ÷ what one node wants; undefined without racks. */
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
  const modelBytes = tree.metainfo.totalSizeBytes;
  const startsMs = nodes.map((node) => node.startsAtMs + headStartMs);
  const firstMs = startsMs.reduce((least, each) => Math.min(least, each));
  const ends = nodes.map((node, at) => ({ endMs: endOf(node), startMs: startsMs[at] ?? 0 }));
  const makespanMs = ends.reduce((most, { endMs }) => Math.max(most, endMs), 0) - firstMs;
  const took = ends.map(({ endMs, startMs }) => endMs - startMs);
  const limit = limitMs({ ...options, startsMs, ...surroundingsOf(rack, options) });
  const waits = Float64Array.from(rack.waitsMs).sort();
  const { fallbackBytes, documentBytes } = frontend.counts;
  const seeder = frontend.seeder.status();
  const fromSeeder = seeder.counters.sentBytes;
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
    copies: round((fromSeeder + fallbackBytes) / modelBytes),
    fallbackCopies: round(fallbackBytes / modelBytes),
    fallbacksRefused: frontend.fallbacksRefused(),
    documentCopies: round(documentBytes / modelBytes),
    medianSeconds: round(median / 1000),
    slowestToMedian: round(took.reduce((most, each) => Math.max(most, each), 0) / median),
    firstByteMedianSeconds: round(quantile(waits, 0.5) / 1000),
    firstByteP99Seconds: round(quantile(waits, 0.99) / 1000),
    uplinks: rack.trunks.length === 0 ? undefined : uplinksOf(rack, modelBytes),
    tracker: {
      announcesPerSecond: round(tracker.announces() / endSeconds),
      mostPerSecond: tracker.mostPerSecond(),
    },
    frontendPeers: seeder.peers.length,
    wrongPieces: nodes.reduce((sum, node) => sum + (countersOf(node)?.badPieces ?? 0), 0),
    bytes: {
      sent: traffic.sentBytes,
      taken: traffic.takenBytes,
      unwanted: traffic.unwantedBytes,
      fallback: fallbackBytes,
      installed: nodes.reduce((sum, node) => sum + (node.installation?.receivedBytes ?? 0), 0),
    },
    events: time.events,
  };
}

function surroundingsOf({ trunks }: ModelRack, options: SimulateOptions) {
  const bytesPerSecond = trunkBytesPerSecond(options);
  return {
    othersBytesPerSecond: (options.slow * options.nodeBytesPerSecond) / slowness,
    racks: trunks.length === 0 ? undefined : { count: trunks.length, bytesPerSecond },
  };
}

function uplinksOf({ trunks }: ModelRack, treeBytes: number): UplinkFigures {
  const wanted = treeBytes * wireFactor;
  const into = Float64Array.from(trunks, ({ down }) => down.carriedBytes / wanted).sort();
  const out = Float64Array.from(trunks, ({ up }) => up.carriedBytes / wanted).sort();
  return {
    inMedian: round(quantile(into, 0.5)),
    inMost: round(into.at(-1) ?? 0),
    outMost: round(out.at(-1) ?? 0),
  };
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
