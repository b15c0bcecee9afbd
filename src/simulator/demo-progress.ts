import { createProgressBars, type ProgressBar } from '../runtime/progress-bars.ts';
import { formatBytes } from '../runtime/units.ts';
import { shareFromPeers } from './demo-figures.ts';
import { addUpProgress, fractionDone, type NodeProgress } from './node-progress.ts';

export type ProgressView = {
  readonly show: (nodes: readonly NodeProgress[], elapsedMs: number) => void;
  readonly close: () => void;
};

const nameWidth = 14;
const behindWidth = 38;
/** What is printed above the bars stays in sight. */
const otherRows = 6;
const lineEveryMs = 2_000;

/** A bar for each node on a terminal; else now and then a line about all of them. */
export function createProgressView(stream: NodeJS.WriteStream, nodeCount: number): ProgressView {
  return stream.isTTY ? createBarView(stream, nodeCount) : createLineView(stream);
}

/** What the terminal has no rows for is added up in the last bar. */
function createBarView(stream: NodeJS.WriteStream, nodeCount: number): ProgressView {
  const count = Math.min(nodeCount, Math.max(1, stream.rows - otherRows));
  const bars = createProgressBars(stream, { count, textWidth: nameWidth + behindWidth });
  return {
    show: (nodes) => {
      const shown = foldProgress(nodes, count);
      for (const [at, node] of shown.entries()) bars.set(at, renderBar(node));
    },
    close: bars.close,
  };
}

function createLineView(stream: NodeJS.WritableStream): ProgressView {
  let nextMs = lineEveryMs;
  return {
    show: (nodes, elapsedMs) => {
      if (elapsedMs < nextMs) return;
      nextMs = elapsedMs + lineEveryMs;
      stream.write(`${renderLine(nodes, elapsedMs)}\n`);
    },
    close: () => {},
  };
}

/** At most `count`: the last one stands for all that have no place of their own. */
export function foldProgress(
  nodes: readonly NodeProgress[],
  count: number,
): readonly NodeProgress[] {
  if (nodes.length <= count) return nodes;
  const rest = nodes.slice(count - 1);
  return [...nodes.slice(0, count - 1), addUpProgress(`${rest.length} nodes`, rest)];
}

export function renderBar(node: NodeProgress): ProgressBar {
  const fraction = fractionDone(node);
  const { elapsedMs, rateBytesPerSecond } = node;
  const pace =
    elapsedMs === undefined
      ? `${formatBytes(Math.round(rateBytesPerSecond))}/s`
      : `in ${seconds(elapsedMs)}`;
  const percentText = percent(fraction).padStart(5);
  const behind = `${percentText} ${pace.padStart(12)}  ${describeShare(node)}`;
  return { fraction, before: node.name.padEnd(nameWidth), behind };
}

export function renderLine(nodes: readonly NodeProgress[], elapsedMs: number): string {
  const all = addUpProgress('all', nodes);
  const finished = nodes.filter((node) => node.elapsedMs !== undefined).length;
  const slowest = Math.min(...nodes.map(fractionDone));
  return [
    `${seconds(elapsedMs)}: ${percent(fractionDone(all))}, the slowest node ${percent(slowest)}`,
    `${formatBytes(Math.round(all.rateBytesPerSecond))}/s`,
    describeShare(all),
    `${finished} of ${nodes.length} done`,
  ].join(', ');
}

function describeShare({ figures }: NodeProgress): string {
  return `${percent(shareFromPeers(figures))} from peers`;
}

function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`;
}

function seconds(elapsedMs: number): string {
  return `${(elapsedMs / 1_000).toFixed(1)} s`;
}
