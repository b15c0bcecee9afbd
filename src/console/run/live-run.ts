import type { WatchedNode } from '../../cli/watch-model.ts';
import type { RunDocument, RunNode, RunSample } from '../../frontend/runs/documents.ts';

type Watched = ReadonlyMap<string, WatchedNode>;

/** A run as the frontend told it, with what is known since. */
export function withNews(run: RunDocument, watched: Watched): RunDocument {
  if (run.endedAtMs !== null) return run;
  return { ...run, nodes: run.nodes.map((node) => newsOf(node, watched.get(node.name))) };
}

function newsOf(node: RunNode, watched: WatchedNode | undefined): RunNode {
  if (watched?.installNumber !== node.installNumber || watched.progress === null) return node;
  const { bytes, packages, phases } = watched.progress;
  return { ...node, bytes, packages, phases: phases.map(({ name, atMs }) => ({ name, atMs })) };
}

/**
 * Another text whenever the frontend has something to tell of runs that the watch does not: a
 * machine has begun, or ended.
 */
export function versionOf(watched: Watched): string {
  let onTheirWay = 0;
  let numbers = 0;
  let states = 0;
  for (const { bootState, installNumber, stateAtMs } of watched.values()) {
    if (bootState === 'booting' || bootState === 'installing') {
      onTheirWay += 1;
      numbers += installNumber;
    }
    states = Math.max(states, stateAtMs);
  }
  return `${onTheirWay} ${numbers} ${states}`;
}

export function sampleOf({ nodes }: RunDocument, atMs: number): RunSample {
  const count = (wanted: RunNode['outcome']) =>
    nodes.filter(({ outcome }) => outcome === wanted).length;
  const bytes = { frontend: 0, peers: 0, rack: 0, fallback: 0 };
  for (const { bytes: own } of nodes) {
    bytes.frontend += own.frontend;
    bytes.peers += own.peers;
    bytes.rack += own.rack;
    bytes.fallback += own.fallback;
  }
  return { atMs, running: count('running'), done: count('done'), failed: count('failed'), bytes };
}

export const sources = ['rack', 'peers', 'frontend', 'fallback'] as const;

/** Columns for a chart: seconds since 1970, then bytes per second by source. */
export function ratesOf(samples: readonly RunSample[]): readonly (readonly number[])[] {
  const pairs = samples.slice(1).flatMap((after, at) => {
    const before = samples[at];
    return before === undefined || after.atMs <= before.atMs ? [] : [{ before, after }];
  });
  return [
    pairs.map(({ after }) => after.atMs / 1000),
    ...sources.map((source) =>
      pairs.map(({ before, after }) => {
        const bytes = Math.max(0, after.bytes[source] - before.bytes[source]);
        return (1000 * bytes) / (after.atMs - before.atMs);
      }),
    ),
  ];
}
