import type { ModelFile } from './model-installer.ts';

/** Bytes that are wanted, in the tree of the model. */
export type Wanted = {
  /** By all nodes together, each byte once. */
  readonly distinctBytes: number;
  readonly nodeBytes: readonly number[];
  /** By the nodes of each rack, each byte once. */
  readonly rackBytes: readonly number[];
};

/** `rackSize` nodes are in a rack, one rack after the other; undefined: there are no racks. */
export function countWanted(
  nodes: readonly { readonly files: readonly ModelFile[] }[],
  rackSize: number | undefined,
): Wanted {
  const racks =
    rackSize === undefined ? [] : [...Map.groupBy(nodes.keys(), (at) => Math.floor(at / rackSize))];
  return {
    distinctBytes: distinctBytesOf(nodes),
    nodeBytes: nodes.map(({ files }) => bytesOf(files)),
    rackBytes: racks.map(([, members]) =>
      distinctBytesOf(members.flatMap((at) => nodes[at] ?? [])),
    ),
  };
}

function distinctBytesOf(nodes: readonly { readonly files: readonly ModelFile[] }[]): number {
  const orders = new Set(nodes.map((node) => node.files));
  return bytesOf(new Set([...orders].flat()));
}

function bytesOf(files: Iterable<ModelFile>): number {
  let total = 0;
  for (const { startByte, endByte } of files) total += endByte - startByte;
  return total;
}
