import type { NodeFigures } from './demo-figures.ts';

/** How far one node is. */
export type NodeProgress = {
  readonly name: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly rateBytesPerSecond: number;
  readonly figures: NodeFigures;
  /** From the start of all; undefined while it still installs. */
  readonly elapsedMs: number | undefined;
};

/** From 0 to 1; an empty tree is there at once. */
export function fractionDone({ doneBytes, totalBytes }: NodeProgress): number {
  return totalBytes === 0 ? 1 : doneBytes / totalBytes;
}

/** All nodes as if they were one; done when the last one is. */
export function addUpProgress(name: string, nodes: readonly NodeProgress[]): NodeProgress {
  const sum = (read: (node: NodeProgress) => number) =>
    nodes.reduce((total, node) => total + read(node), 0);
  return {
    name,
    doneBytes: sum((node) => node.doneBytes),
    totalBytes: sum((node) => node.totalBytes),
    rateBytesPerSecond: sum((node) => node.rateBytesPerSecond),
    figures: {
      fromPeersBytes: sum((node) => node.figures.fromPeersBytes),
      fromFrontendBytes: sum((node) => node.figures.fromFrontendBytes),
    },
    elapsedMs: nodes.some((node) => node.elapsedMs === undefined)
      ? undefined
      : Math.max(0, ...nodes.map((node) => node.elapsedMs ?? 0)),
  };
}
