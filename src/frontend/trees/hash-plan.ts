import { createStreamLayout, type StreamLayout } from '../../protocol/stream-layout.ts';
import { type ComposedFile, pieceCompositions } from './piece-composition.ts';

/** One reading of a row of files, for the SHA-256 of each and the SHA-1 of the pieces over them. */
export type HashTask = {
  /** Where the reading starts in the stream. */
  readonly startByte: number;
  readonly firstPiece: number;
  readonly pieceCount: number;
  readonly parts: readonly HashPart[];
};

export type HashPart = {
  /** The file's place in the stream's order. */
  readonly at: number;
  readonly startByte: number;
  readonly endByte: number;
  /** Its SHA-256 is wanted; then the part is the whole file. */
  readonly wholeFile: boolean;
};

export type HashPlan = {
  /** 20 bytes a piece; zeros where a task has to find them. */
  readonly pieceHashes: Buffer;
  readonly tasks: readonly HashTask[];
  /** How many bytes of the stream have to be read. */
  readonly bytesToHash: number;
};

// Large enough to be worth a message, small enough to keep all workers busy until the end.
const taskCostBytes = 16 * 1024 * 1024;
// Opening a file takes about as long as hashing this much.
const openCostBytes = 16 * 1024;

/**
 * Decides which pieces have to be hashed, and cuts the work into tasks. A file whose SHA-256 is
 * not known is read once, in one task; only the rest of a task's last piece is read twice.
 */
export function planHashing(input: {
  /** In the order of the stream. */
  readonly files: readonly ComposedFile[];
  readonly pieceLengthBytes: number;
  readonly knownPiece: (composition: string) => Uint8Array | undefined;
}): HashPlan {
  const { files, pieceLengthBytes, knownPiece } = input;
  const layout = createStreamLayout(files.map((file) => file.sizeBytes));
  const pieceHashes = Buffer.alloc(20 * Math.ceil(layout.totalSizeBytes / pieceLengthBytes));
  const missing: number[] = [];
  const compositions = [...pieceCompositions(files, pieceLengthBytes)];
  for (const [piece, composition] of compositions.entries()) {
    const known = composition === undefined ? undefined : knownPiece(composition);
    if (known === undefined) missing.push(piece);
    else pieceHashes.set(known, piece * 20);
  }
  const rows = rowsOf(missing).map((row) => ({
    startByte: row.first * pieceLengthBytes,
    endByte: Math.min((row.last + 1) * pieceLengthBytes, layout.totalSizeBytes),
  }));
  const context = { files, layout, pieceLengthBytes };
  return {
    pieceHashes,
    tasks: rows.flatMap((row) => cutRow(row, context)),
    bytesToHash: rows.reduce((sum, row) => sum + row.endByte - row.startByte, 0),
  };
}

function rowsOf(pieces: readonly number[]): { first: number; last: number }[] {
  const rows: { first: number; last: number }[] = [];
  for (const piece of pieces) {
    const row = rows.at(-1);
    if (row?.last === piece - 1) row.last = piece;
    else rows.push({ first: piece, last: piece });
  }
  return rows;
}

type Bytes = { readonly startByte: number; readonly endByte: number };
type Context = {
  readonly files: readonly ComposedFile[];
  readonly layout: StreamLayout;
  readonly pieceLengthBytes: number;
};

function cutRow(row: Bytes, context: Context): HashTask[] {
  const tasks: HashTask[] = [];
  let { startByte } = row;
  let costBytes = 0;
  for (const cut of possibleCuts(row, context)) {
    costBytes += cut.costBytes;
    if (costBytes < taskCostBytes && cut.endByte < row.endByte) continue;
    const task = taskOf({ startByte, endByte: cut.endByte }, context);
    if (task.pieceCount > 0 || task.parts.some((part) => part.wholeFile)) tasks.push(task);
    startByte = cut.endByte;
    costBytes = 0;
  }
  return tasks;
}

/** A file whose SHA-256 is wanted may not be cut, any other may. */
function* possibleCuts(row: Bytes, { files, layout }: Context) {
  for (const span of layout.spans(row.startByte, row.endByte)) {
    const isWhole = files[span.at]?.sha256 === undefined;
    const stepBytes = isWhole ? span.endByte - span.startByte : taskCostBytes;
    for (let start = span.startByte; start < span.endByte; start += stepBytes) {
      const end = Math.min(start + stepBytes, span.endByte);
      const endByte = layout.offsetOf(span.at) + end;
      yield { endByte, costBytes: end - start + openCostBytes };
    }
  }
}

/** The pieces that start in these bytes, and what has to be read for them and for the files. */
function taskOf({ startByte, endByte }: Bytes, context: Context): HashTask {
  const { files, layout, pieceLengthBytes } = context;
  const firstPiece = Math.ceil(startByte / pieceLengthBytes);
  const pieceCount = Math.ceil(endByte / pieceLengthBytes) - firstPiece;
  const piecesEnd = (firstPiece + pieceCount) * pieceLengthBytes;
  const spans = layout.spans(startByte, Math.max(endByte, pieceCount > 0 ? piecesEnd : 0));
  const parts = spans.map((span) => ({
    ...span,
    wholeFile: files[span.at]?.sha256 === undefined && layout.offsetOf(span.at) < endByte,
  }));
  return { startByte, firstPiece, pieceCount, parts };
}
