import { renderTable } from '../runtime/table.ts';
import { formatAge, formatBytes } from '../runtime/units.ts';
import {
  beganAtMs,
  rateOf,
  summarize,
  type Verdict,
  verdictOf,
  type WatchedNode,
  type WatchSummary,
} from './watch-model.ts';

const dash = '–';
const head = [
  ...['NODE', 'STATE', 'PHASE', 'PACKAGES', 'RACK', 'PEERS', 'FRONTEND', 'HTTP', 'RATE'],
  ...['TIME', 'HEARD'],
];
const shownReasons = 5;

export type WatchFrame = {
  readonly nodes: readonly WatchedNode[];
  readonly nowMs: number;
  /** Why the frontend is not heard; undefined: it is. */
  readonly away: string | undefined;
};

/** All nodes and what becomes of them; of more than `mostRows` those that need to be looked at. */
export function renderFrame({ nodes, nowMs, away }: WatchFrame, mostRows: number): string {
  const shown = chooseRows(nodes, mostRows);
  const rest = nodes.length - shown.length;
  const more = rest > 0 ? [`… and ${rest} more`] : [];
  const table =
    nodes.length === 0
      ? 'nothing is being installed\n'
      : renderTable(
          head,
          shown.map((node) => rowOf(node, nowMs)),
        );
  const lost = away === undefined ? [] : [`the frontend is away, trying again: ${away}`];
  const lines = [...more, ...renderSummary(summarize(nodes, nowMs), nowMs), ...lost];
  return `${table}${lines.map((line) => `${line}\n`).join('')}`;
}

/** How many lines of a frame are not rows. */
export const frameExtraLines = shownReasons + 5;

/** What is worth a line of its own where nothing can be drawn anew. */
export function changeKey({ bootState, progress }: WatchedNode): string {
  const { name, detail } = progress?.phases.at(-1) ?? { name: '', detail: null };
  return JSON.stringify([bootState, name, detail, quarterOf(progress?.packages ?? null)]);
}

export function renderChange(node: WatchedNode, nowMs: number): string {
  const { name, bootState, bootReason, progress } = node;
  const parts = [
    stateOf(node),
    phaseOf(node),
    progress?.packages == null ? '' : `${packagesOf(node)} packages`,
    bootState === 'failed' ? (bootReason ?? '') : '',
    progress === null ? '' : `after ${timeOf(node, nowMs)}`,
  ];
  const text = parts.filter((part) => part !== '' && part !== dash).join(', ');
  return `${new Date(nowMs).toISOString().slice(11, 19)} ${name} ${text}\n`;
}

function renderSummary(summary: WatchSummary, nowMs: number): readonly string[] {
  const { counts, copies, rateBytesPerSecond, expectedEndMs, failed } = summary;
  const parts = (['done', 'failed', 'installing', 'waiting'] as const).flatMap((verdict) =>
    counts[verdict] > 0 ? [`${counts[verdict]} ${verdict}`] : [],
  );
  const figures = [
    ...(rateBytesPerSecond > 0 ? [`${formatBytes(rateBytesPerSecond)}/s`] : []),
    ...(copies === undefined ? [] : [`${copies.toFixed(2)} copies left the frontend`]),
    ...(expectedEndMs === undefined ? [] : [`done in about ${duration(expectedEndMs - nowMs)}`]),
  ];
  const reasons = failed
    .slice(0, shownReasons)
    .map(({ name, reason }) => `${name} failed: ${reason}`);
  const unsaid = failed.length - reasons.length;
  return [
    ...(parts.length === 0 ? [] : [[...parts, ...figures].join(', ')]),
    ...reasons,
    ...(unsaid > 0 ? [`and ${unsaid} more failed`] : []),
  ];
}

const urgency: readonly Verdict[] = ['failed', 'installing', 'waiting', 'done'];

function chooseRows(nodes: readonly WatchedNode[], mostRows: number): readonly WatchedNode[] {
  if (nodes.length <= mostRows) return nodes;
  const byUrgency = nodes.toSorted(
    (a, b) => urgency.indexOf(verdictOf(a)) - urgency.indexOf(verdictOf(b)),
  );
  const chosen = new Set(byUrgency.slice(0, Math.max(1, mostRows)));
  return nodes.filter((node) => chosen.has(node));
}

function rowOf(node: WatchedNode, nowMs: number): readonly string[] {
  const { name, progress } = node;
  const rate = rateOf(node, nowMs);
  const bytes = progress?.bytes;
  return [
    name,
    stateOf(node),
    phaseOf(node),
    packagesOf(node),
    ...[bytes?.rack, bytes?.peers, bytes?.frontend, bytes?.fallback].map((each) =>
      each === undefined ? dash : formatBytes(each),
    ),
    rate === 0 ? dash : `${formatBytes(rate)}/s`,
    timeOf(node, nowMs),
    progress === null ? dash : formatAge(nowMs - progress.heardAtMs),
  ];
}

function stateOf(node: WatchedNode): string {
  const verdict = verdictOf(node);
  return verdict === 'installing' ? node.bootState : verdict;
}

function phaseOf({ progress }: WatchedNode): string {
  const phase = progress?.phases.at(-1);
  if (phase === undefined) return dash;
  return phase.detail === null ? phase.name : `${phase.name} ${phase.detail}`.slice(0, 32);
}

function packagesOf({ progress }: WatchedNode): string {
  const packages = progress?.packages ?? null;
  if (packages === null) return dash;
  return packages.total === null ? `${packages.done}` : `${packages.done} of ${packages.total}`;
}

function quarterOf(packages: { readonly done: number; readonly total: number | null } | null) {
  if (packages === null || packages.total === null || packages.total === 0) return 0;
  return Math.floor((4 * packages.done) / packages.total);
}

/** How long it has taken, or took. */
function timeOf(node: WatchedNode, nowMs: number): string {
  const verdict = verdictOf(node);
  if (verdict === 'waiting') return dash;
  const untilMs = verdict === 'installing' ? nowMs : node.stateAtMs;
  if (verdict !== 'installing' && node.progress === null) return dash;
  return duration(untilMs - beganAtMs(node));
}

/** `45 s`, `3 min 12 s`, `2 h 5 min` */
function duration(elapsedMs: number): string {
  const seconds = Math.max(0, Math.round(elapsedMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
