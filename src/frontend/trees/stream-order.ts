import { chooseFillers } from './fillers.ts';

export type OrderedFile = {
  readonly path: string;
  readonly sizeBytes: number;
  /** Undefined while nothing is known of the content. */
  readonly sha256: string | undefined;
};

type Run<File> = {
  /** Where it started in the former stream. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly files: readonly File[];
};

// Below this many pieces a run saves less than it costs to keep it in step.
const worthwhilePieces = 4;
const rowLength = 32;
const maximumSmallFillers = 16;

/**
 * The order of a new generation's files in the torrent. A piece's hash can be taken over when the
 * same bytes lie at the same place in a piece, so what stays keeps its order, and where something
 * went away, a few other files fill the gap up to the same place in a piece. The rest follows in
 * the order of `current`, which is all there is for the first generation.
 */
export function planStreamOrder<File extends OrderedFile>(input: {
  /** In the order of the former stream. */
  readonly former: readonly OrderedFile[];
  readonly current: readonly File[];
  readonly pieceLengthBytes: number;
}): readonly File[] {
  const { former, current, pieceLengthBytes } = input;
  const runs = findRuns(former, matchFormer(former, current));
  const kept = freeFillers(runs, current.length, pieceLengthBytes);
  const inRuns = new Set(kept.flatMap((run) => run.files));
  const loose = current.filter((file) => !inRuns.has(file));
  return fillGaps(kept, loose, pieceLengthBytes);
}

/** Which file of today stands at the place of each former one. */
function matchFormer<File extends OrderedFile>(
  former: readonly OrderedFile[],
  current: readonly File[],
): readonly (File | undefined)[] {
  const byPath = new Map(current.map((file) => [file.path, file]));
  const stay = former.map(({ path, sizeBytes }) => {
    const file = byPath.get(path);
    return file?.sizeBytes === sizeBytes ? file : undefined;
  });
  const placed = new Set(stay);
  const renamed = new Map<string, File>();
  for (const file of current) {
    if (file.sha256 !== undefined && !placed.has(file)) renamed.set(file.sha256, file);
  }
  return stay.map((file, at) => file ?? takeOut(renamed, former[at]?.sha256));
}

function takeOut<Key, Value>(map: Map<Key, Value>, key: Key | undefined): Value | undefined {
  if (key === undefined) return undefined;
  const value = map.get(key);
  map.delete(key);
  return value;
}

function findRuns<File extends OrderedFile>(
  former: readonly OrderedFile[],
  matched: readonly (File | undefined)[],
): Run<File>[] {
  const runs: Run<File>[] = [];
  let offsetBytes = 0;
  let open: { offsetBytes: number; sizeBytes: number; files: File[] } | undefined;
  for (const [at, file] of matched.entries()) {
    if (file === undefined) open = undefined;
    else if (open === undefined) {
      open = { offsetBytes, sizeBytes: file.sizeBytes, files: [file] };
      runs.push(open);
    } else {
      open.files.push(file);
      open.sizeBytes += file.sizeBytes;
    }
    offsetBytes += former[at]?.sizeBytes ?? 0;
  }
  return runs;
}

/** Leaves out rows of files, the cheapest first, until enough are loose to fill the gaps. */
function freeFillers<File extends OrderedFile>(
  allRuns: readonly Run<File>[],
  fileCount: number,
  pieceLengthBytes: number,
): readonly Run<File>[] {
  const isWorthwhile = (run: Run<File>) =>
    run.offsetBytes === 0 || run.sizeBytes >= worthwhilePieces * pieceLengthBytes;
  let runs = allRuns.filter(isWorthwhile);
  let budgetBytes = shiftedBytes(runs) / 4;
  while (
    shiftedBytes(runs) > 0 &&
    looseCount(runs, fileCount) < wantedCount(runs, pieceLengthBytes)
  ) {
    const row = findCheapestRow(runs, pieceLengthBytes / 16);
    if (row === undefined || row.sizeBytes > budgetBytes) return runs;
    budgetBytes -= row.sizeBytes;
    runs = cutOut(runs, row).filter(isWorthwhile);
  }
  return runs;
}

/** What would have to be read again if no gap were filled. */
function shiftedBytes(runs: readonly Run<OrderedFile>[]): number {
  return runs.reduce((sum, run) => sum + (run.offsetBytes > 0 ? run.sizeBytes : 0), 0);
}

function looseCount(runs: readonly Run<OrderedFile>[], fileCount: number): number {
  return fileCount - runs.reduce((sum, run) => sum + run.files.length, 0);
}

function wantedCount(runs: readonly Run<OrderedFile>[], pieceLengthBytes: number): number {
  return Math.ceil(4 * pieceLengthBytes ** 0.25) + 3 * runs.length;
}

type Row = {
  readonly run: number;
  readonly from: number;
  readonly length: number;
  readonly sizeBytes: number;
};

/** The least mean is there because tiny files do not add up to much of a piece. */
function findCheapestRow(runs: readonly Run<OrderedFile>[], leastMeanBytes: number) {
  let best: Row | undefined;
  let bestMeanBytes = Number.POSITIVE_INFINITY;
  for (const [run, { files }] of runs.entries()) {
    const length = Math.min(files.length, rowLength);
    let sizeBytes = 0;
    for (const [at, file] of files.entries()) {
      sizeBytes += file.sizeBytes - (files[at - length]?.sizeBytes ?? 0);
      const meanBytes = sizeBytes / length;
      if (at + 1 < length || meanBytes < leastMeanBytes || meanBytes >= bestMeanBytes) continue;
      best = { run, from: at + 1 - length, length, sizeBytes };
      bestMeanBytes = meanBytes;
    }
  }
  return best;
}

function cutOut<File extends OrderedFile>(runs: readonly Run<File>[], row: Row): Run<File>[] {
  const cut = runs[row.run];
  if (cut === undefined) return [...runs];
  const head = cut.files.slice(0, row.from);
  const tail = cut.files.slice(row.from + row.length);
  const tailOffsetBytes = cut.offsetBytes + cut.sizeBytes - sizeOf(tail);
  const parts = [
    { offsetBytes: cut.offsetBytes, sizeBytes: sizeOf(head), files: head },
    { offsetBytes: tailOffsetBytes, sizeBytes: sizeOf(tail), files: tail },
  ];
  return runs.toSpliced(row.run, 1, ...parts.filter((part) => part.files.length > 0));
}

function fillGaps<File extends OrderedFile>(
  runs: readonly Run<File>[],
  loose: readonly File[],
  pieceLengthBytes: number,
): readonly File[] {
  const ordered: File[] = [];
  let pool = loose;
  let offsetBytes = 0;
  for (const run of runs) {
    const shift = (run.offsetBytes - offsetBytes) % pieceLengthBytes;
    const remainder = (shift + pieceLengthBytes) % pieceLengthBytes;
    const fillers = new Set(takeFillers(pool, remainder, pieceLengthBytes));
    pool = pool.filter((file) => !fillers.has(file));
    ordered.push(...fillers, ...run.files);
    offsetBytes += sizeOf([...fillers]) + run.sizeBytes;
  }
  return [...ordered, ...pool];
}

/** Small files may have to be many: one after the other goes in until a few make up the rest. */
function takeFillers<File extends OrderedFile>(
  pool: readonly File[],
  remainder: number,
  modulus: number,
): readonly File[] {
  const candidates = pool.slice(0, Math.ceil(8 * modulus ** 0.25));
  const sizes = candidates.map((file) => file.sizeBytes);
  let taken = 0;
  for (let rest = remainder; taken <= maximumSmallFillers; taken += 1) {
    const places = chooseFillers(sizes.slice(taken), { remainder: rest, modulus });
    if (places !== undefined) {
      return [
        ...candidates.slice(0, taken),
        ...places.flatMap((at) => candidates[taken + at] ?? []),
      ];
    }
    rest = (rest - ((sizes[taken] ?? 0) % modulus) + modulus) % modulus;
  }
  return [];
}

function sizeOf(files: readonly OrderedFile[]): number {
  return files.reduce((sum, file) => sum + file.sizeBytes, 0);
}
