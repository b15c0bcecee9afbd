/** The order in which machines of a role have read a tree's files, by their paths. */
export type LearntOrder = {
  readonly paths: readonly string[];
  /** It is of machines that had all they needed. */
  readonly isWhole: boolean;
};

/** Fewer files are no install. */
const leastFiles = 4;
/** Who has read less of what is known has perhaps not come to its end. */
const leastShare = 0.8;

/**
 * What is known after a machine seems to have had all that it needed: its order, since it is the
 * latest; of several in one run the first one's, and behind it what others read besides. Pure.
 */
export function learnOrder(
  before: LearntOrder | undefined,
  settled: readonly string[],
  { isFirstOfRun }: { readonly isFirstOfRun: boolean },
): LearntOrder | undefined {
  if (settled.length < leastFiles) return before;
  if (before === undefined || !before.isWhole) return { paths: settled, isWhole: true };
  const known = new Set(before.paths);
  const more = settled.filter((path) => !known.has(path));
  const share = (settled.length - more.length) / known.size;
  if (isFirstOfRun && share >= leastShare) return { paths: settled, isWhole: true };
  return more.length === 0 ? before : { paths: [...before.paths, ...more], isWhole: true };
}

/**
 * The places in a generation's list of files of what was learnt, perhaps of an earlier one: a file
 * that is not there any more is the one that differs from it in digits only, such as the package's
 * next version, if there is one such. Pure.
 */
export function placeOrder(paths: readonly string[], files: readonly string[]): readonly number[] {
  const places = new Map(files.map((path, place) => [path, place]));
  const isLost = paths.some((path) => !places.has(path));
  const byStem = isLost ? stemsOf(files) : new Map<string, number | undefined>();
  const found = paths.map((path) => places.get(path) ?? byStem.get(stemOf(path)));
  return [...new Set(found.filter((place) => place !== undefined))];
}

/** Undefined for a stem that several files have. */
function stemsOf(files: readonly string[]): Map<string, number | undefined> {
  const stems = new Map<string, number | undefined>();
  for (const [place, path] of files.entries()) {
    const stem = stemOf(path);
    stems.set(stem, stems.has(stem) ? undefined : place);
  }
  return stems;
}

function stemOf(path: string): string {
  return path.replaceAll(/\d+/g, '0');
}
