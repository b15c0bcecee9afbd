type Cluster = { readonly wanted: readonly number[] };

/**
 * Places at least `gap` apart, in the same order, as near to the wanted ones as that allows: what
 * would overlap is moved apart around its common middle.
 */
export function spread(wanted: readonly number[], gap: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => at(wanted, a) - at(wanted, b));
  let clusters: Cluster[] = [];
  for (const index of order) {
    clusters = mergeLast([...clusters, { wanted: [at(wanted, index)] }], gap);
  }
  const places = clusters.flatMap((each) =>
    each.wanted.map((_, index) => firstOf(each, gap) + index * gap),
  );
  const spreaded = [...wanted];
  for (const [rank, index] of order.entries()) spreaded[index] = at(places, rank);
  return spreaded;
}

function mergeLast(clusters: readonly Cluster[], gap: number): Cluster[] {
  const last = clusters.at(-1);
  const before = clusters.at(-2);
  if (!last || !before) return [...clusters];
  if (firstOf(before, gap) + before.wanted.length * gap <= firstOf(last, gap)) return [...clusters];
  const merged = { wanted: [...before.wanted, ...last.wanted] };
  return mergeLast([...clusters.slice(0, -2), merged], gap);
}

function firstOf({ wanted }: Cluster, gap: number): number {
  const middle = wanted.reduce((sum, each) => sum + each, 0) / wanted.length;
  return middle - ((wanted.length - 1) * gap) / 2;
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? Number.NaN;
}
