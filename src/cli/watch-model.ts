import type { watchInstalls } from '../frontend/installs/main.ts';

type WatchEvent =
  ReturnType<typeof watchInstalls> extends AsyncGenerator<infer Told, void> ? Told : never;
export type WatchNews = Extract<WatchEvent, { kind: 'news' }>['news'];
export type WatchedNode = WatchNews['nodes'][number];

/** What a watch knows; times are of the frontend's clock, in milliseconds since 1970. */
export type WatchState = {
  readonly nodes: ReadonlyMap<string, WatchedNode>;
  /** Nodes that were on their way while it was looked. */
  readonly begun: ReadonlySet<string>;
  /** What the frontend's clock is ahead of this machine's. */
  readonly aheadMs: number;
};

export type WatchSummary = {
  readonly counts: Readonly<Record<Verdict, number>>;
  /** How often what one machine needs has left the frontend; undefined while nothing is known. */
  readonly copies: number | undefined;
  readonly rateBytesPerSecond: number;
  /** When the last machine will be done, as far as can be told. */
  readonly expectedEndMs: number | undefined;
  readonly failed: readonly { readonly name: string; readonly reason: string }[];
};

export type Verdict = 'done' | 'failed' | 'installing' | 'waiting';

export const nothingWatched: WatchState = { nodes: new Map(), begun: new Set(), aheadMs: 0 };
/** A machine that was done before is shown for so long. */
const recentMs = 15 * 60_000;
/** A rate is of the last report; who is silent for longer receives nothing. */
const rateFreshMs = 6_000;

export function takeNews(
  state: WatchState,
  { nowMs, nodes, removed }: WatchNews,
  { isAll, hereMs }: { readonly isAll: boolean; readonly hereMs: number },
): WatchState {
  const known = new Map(isAll ? [] : state.nodes);
  for (const node of nodes) known.set(node.name, node);
  for (const name of removed) known.delete(name);
  const onTheirWay = nodes.filter((node) => verdictOf(node) === 'installing');
  const begun = new Set([...state.begun, ...onTheirWay.map(({ name }) => name)]);
  return { nodes: known, begun, aheadMs: nowMs - hereMs };
}

/** In the order of names: those that are selected or, without a selection, that have news. */
export function shownNodes(
  { nodes, begun }: WatchState,
  { isSelected, nowMs }: { readonly isSelected: boolean; readonly nowMs: number },
): readonly WatchedNode[] {
  const isShown = ({ name, bootState, stateAtMs, installNumber }: WatchedNode): boolean =>
    isSelected ||
    begun.has(name) ||
    bootState !== 'os' ||
    (installNumber > 0 && nowMs - stateAtMs < recentMs);
  const byName = new Intl.Collator('en', { numeric: true });
  return [...nodes.values()].filter(isShown).toSorted((a, b) => byName.compare(a.name, b.name));
}

export function verdictOf({ bootState }: Pick<WatchedNode, 'bootState'>): Verdict {
  switch (bootState) {
    case 'os':
      return 'done';
    case 'failed':
      return 'failed';
    case 'install':
      return 'waiting';
    case 'booting':
    case 'installing':
      return 'installing';
  }
}

export function summarize(nodes: readonly WatchedNode[], nowMs: number): WatchSummary {
  const counts = { done: 0, failed: 0, installing: 0, waiting: 0 };
  for (const node of nodes) counts[verdictOf(node)] += 1;
  const running = nodes.filter((node) => verdictOf(node) === 'installing');
  return {
    counts,
    copies: copiesOf(nodes),
    rateBytesPerSecond: running.reduce((sum, node) => sum + rateOf(node, nowMs), 0),
    expectedEndMs: expectedEnd(nodes, running, nowMs),
    failed: nodes
      .filter((node) => verdictOf(node) === 'failed')
      .map(({ name, bootReason }) => ({ name, reason: bootReason ?? 'for no known reason' })),
  };
}

/** What it receives now; 0 for one that is done, or of which nothing new was heard. */
export function rateOf(node: WatchedNode, nowMs: number): number {
  const { progress } = node;
  if (progress === null || verdictOf(node) !== 'installing') return 0;
  if (nowMs - progress.heardAtMs > rateFreshMs) return 0;
  return progress.rateBytesPerSecond;
}

/** When its install began: its first phase, else its state. */
export function beganAtMs({ progress, stateAtMs }: WatchedNode): number {
  return progress?.phases[0]?.atMs ?? stateAtMs;
}

function copiesOf(nodes: readonly WatchedNode[]): number | undefined {
  const all = nodes.flatMap(({ progress }) => progress?.bytes ?? []);
  const fromFrontend = all.reduce((sum, { frontend, fallback }) => sum + frontend + fallback, 0);
  const needs = all.map(
    ({ frontend, peers, rack, fallback }) => frontend + peers + rack + fallback,
  );
  const most = needs.reduce((max, each) => Math.max(max, each), 0);
  return most === 0 ? undefined : fromFrontend / most;
}

/** By its packages where it counts them, else by how long others took. */
function expectedEnd(
  nodes: readonly WatchedNode[],
  running: readonly WatchedNode[],
  nowMs: number,
): number | undefined {
  const usualMs = medianOf(
    nodes
      .filter(({ bootState, progress }) => bootState === 'os' && progress !== null)
      .map((node) => node.stateAtMs - beganAtMs(node)),
  );
  const ends = running.flatMap((node) => {
    const byPackages = endByPackages(node, nowMs);
    const byOthers = usualMs === undefined ? [] : [Math.max(nowMs, beganAtMs(node) + usualMs)];
    return byPackages ?? byOthers;
  });
  return ends.length === 0 ? undefined : ends.reduce((last, each) => Math.max(last, each), 0);
}

function endByPackages({ progress }: WatchedNode, nowMs: number): number | undefined {
  const began = progress?.phases.find(({ name }) => name === 'packages')?.atMs;
  const { done = 0, total = null } = progress?.packages ?? {};
  if (began === undefined || total === null || done === 0 || nowMs <= began) return undefined;
  const left = Math.max(0, total - done);
  return nowMs + (left * (nowMs - began)) / done;
}

function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
