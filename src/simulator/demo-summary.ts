import type { Manifest } from '../protocol/manifest.ts';
import { formatBytes } from '../runtime/units.ts';
import { countOf } from './count-of.ts';
import { shareFromPeers } from './demo-figures.ts';
import type { DemoResult } from './demo-run.ts';

/** What a demo has shown; `--json` prints it as it is. */
export type DemoSummary = {
  readonly tree: { readonly files: number; readonly sizeBytes: number };
  /** The frontend's cap; 0: none. */
  readonly uploadBytesPerSecond: number;
  /** Until the last node was done. */
  readonly elapsedMs: number;
  /** As the frontend counted what it sent. */
  readonly fromFrontendBytes: number;
  readonly fromPeersBytes: number;
  /** Bytes that left the frontend ÷ bytes that one node needs; null for an empty tree. */
  readonly copies: number | null;
  readonly nodes: readonly NodeSummary[];
};

export type NodeSummary = {
  readonly name: string;
  readonly elapsedMs: number;
  readonly installedBytes: number;
  readonly fromFrontendBytes: number;
  readonly fromPeersBytes: number;
};

export function summarize(
  { nodes, sentByFrontendBytes }: DemoResult,
  facts: { readonly manifest: Manifest; readonly uploadBytesPerSecond: number },
): DemoSummary {
  const { files, totalSize } = facts.manifest;
  const perNode = nodes.map((node) => ({
    name: node.name,
    elapsedMs: Math.round(node.elapsedMs ?? 0),
    installedBytes: node.doneBytes,
    ...node.figures,
  }));
  return {
    tree: { files: files.length, sizeBytes: totalSize },
    uploadBytesPerSecond: facts.uploadBytesPerSecond,
    elapsedMs: Math.max(...perNode.map((node) => node.elapsedMs)),
    fromFrontendBytes: sentByFrontendBytes,
    fromPeersBytes: perNode.reduce((total, node) => total + node.fromPeersBytes, 0),
    copies: totalSize === 0 ? null : Number((sentByFrontendBytes / totalSize).toFixed(3)),
    nodes: perNode,
  };
}

/** The summary for people: a table of the nodes, then what it comes to. */
export function renderSummary(summary: DemoSummary): string {
  const rows = summary.nodes.map((node) => [
    node.name,
    seconds(node.elapsedMs),
    formatBytes(node.fromFrontendBytes),
    formatBytes(node.fromPeersBytes),
    percent(shareFromPeers(node)),
  ]);
  const table = renderTable([['node', 'time', 'from frontend', 'from peers', 'share'], ...rows]);
  const { nodes, tree, copies } = summary;
  const lines = [
    `${nodes.length} × ${formatBytes(tree.sizeBytes)} in ${countOf(tree.files, 'file')}, checked byte for byte, ` +
      `in ${seconds(summary.elapsedMs)}`,
    `from peers     ${formatBytes(summary.fromPeersBytes)} (${percent(shareFromPeers(summary))})`,
    `from frontend  ${formatBytes(summary.fromFrontendBytes)} (${copies?.toFixed(2) ?? 'no'} copies)`,
    ...comparePlainHttp(summary),
  ];
  return `${table}\n\n${lines.join('\n')}`;
}

function comparePlainHttp({ nodes, tree, uploadBytesPerSecond }: DemoSummary): readonly string[] {
  if (uploadBytesPerSecond === 0 || nodes.length === 1) return [];
  const limitMs = (nodes.length * tree.sizeBytes * 1_000) / uploadBytesPerSecond;
  const rate = `${((uploadBytesPerSecond * 8) / 1e6).toFixed(0)} Mbit/s`;
  return [`without peers  ${seconds(limitMs)} at least, all through the frontend's ${rate}`];
}

/** Columns as wide as their widest text; the first to the left, the others to the right. */
function renderTable(rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map((row) =>
      row.map((text, at) => (at === 0 ? text.padEnd(width(0)) : text.padStart(width(at)))),
    )
    .map((row) => row.join('   '))
    .join('\n');
}

function seconds(elapsedMs: number): string {
  return `${(elapsedMs / 1_000).toFixed(1)} s`;
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}
