import type { WatchedNode } from '../../cli/watch-model.ts';

export type Rack = {
  /** Undefined: of machines that stand in none. */
  readonly number: number | undefined;
  readonly nodes: readonly WatchedNode[];
};

const byName = new Intl.Collator('en', { numeric: true });

/**
 * Machines by rack, as they stand in it. Racks in which nothing has changed are the same objects as
 * before, so that only the others are drawn anew.
 */
export function groupRacks(
  nodes: Iterable<WatchedNode>,
  before: readonly Rack[] = [],
): readonly Rack[] {
  const known = new Map(before.map((rack) => [rack.number, rack]));
  const groups = Map.groupBy(nodes, ({ rack }) => rack ?? undefined);
  return [...groups]
    .toSorted(([a = Number.MAX_SAFE_INTEGER], [b = Number.MAX_SAFE_INTEGER]) => a - b)
    .map(([number, some]) => {
      const sorted = some.toSorted(inOrder);
      const old = known.get(number);
      return old !== undefined && areSame(old.nodes, sorted) ? old : { number, nodes: sorted };
    });
}

function inOrder(a: WatchedNode, b: WatchedNode): number {
  const [rankA, rankB] = [a.rank ?? Number.MAX_SAFE_INTEGER, b.rank ?? Number.MAX_SAFE_INTEGER];
  return rankA - rankB || byName.compare(a.name, b.name);
}

function areSame(a: readonly WatchedNode[], b: readonly WatchedNode[]): boolean {
  return a.length === b.length && a.every((node, at) => node === b[at]);
}
