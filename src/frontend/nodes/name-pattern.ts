import { NodesError } from './errors.ts';

/** What a bracket may stand for at most, so that a slip is an error and nothing that takes long. */
export const mostNames = 100_000;

/** True for a word such as `compute-[0-3]-[0,2,4-7]`. */
export function isPattern(word: string): boolean {
  return /[[\]]/.test(word);
}

/**
 * The names that brackets stand for: `[0-31]`, `[0,2,4-7]`, `[08-11]` (08, 09, 10, 11); several
 * brackets are all combinations. Throws NodesError `bad-selection`.
 */
export function expandPattern(word: string): readonly string[] {
  const parts = partsOf(word);
  const count = parts.reduce((product, { size }) => product * size, 1);
  if (count > mostNames) {
    const message = `expected brackets for at most ${mostNames} names in ${shown(word)}`;
    throw new NodesError('bad-selection', `${message}, got ${count}`);
  }
  return parts.reduce<readonly string[]>(
    (names, { texts }) => {
      const each = texts();
      return names.flatMap((name) => each.map((text) => name + text));
    },
    [''],
  );
}

/** The numbers of `4`, `0-3` or `0,2,4-7`, as ranges. Undefined if it is not of that form. */
export function parseRanges(text: string): readonly NumberRange[] | undefined {
  const ranges = text.split(',').map(parseRange);
  const good = ranges.filter((range) => range !== undefined);
  return good.length === ranges.length ? good : undefined;
}

export type NumberRange = {
  readonly first: number;
  readonly last: number;
  /** How many digits each number has at least. */
  readonly width: number;
};

/** `texts` is called once it is known that all of it together is not too much. */
type Part = { readonly size: number; readonly texts: () => readonly string[] };

function partsOf(word: string): readonly Part[] {
  const pieces = word.split(/(\[[^[\]]*\])/);
  return pieces.map((piece) => {
    if (!isPattern(piece)) return { size: 1, texts: () => [piece] };
    const ranges = piece.endsWith(']') ? parseRanges(piece.slice(1, -1)) : undefined;
    if (ranges === undefined) throw malformed(word, piece);
    return {
      size: ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0),
      texts: () => ranges.flatMap(numbersOf),
    };
  });
}

function parseRange(text: string): NumberRange | undefined {
  const [, from = '', to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  const isPadded = (digits: string) => digits.length > 1 && digits.startsWith('0');
  // `8-010` may mean 8 or 008.
  const isClear = isPadded(to) ? from.length === to.length : true;
  if (from === '' || last < first || to.length < from.length || !isClear) return undefined;
  return { first, last, width: isPadded(from) || isPadded(to) ? from.length : 1 };
}

function numbersOf({ first, last, width }: NumberRange): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, at) =>
    String(first + at).padStart(width, '0'),
  );
}

function malformed(word: string, piece: string): NodesError {
  const expected = `expected brackets with numbers in ${shown(word)}, such as [0-31] or [0,2,4-7]`;
  return new NodesError('bad-selection', `${expected}, got ${shown(piece)}`);
}

function shown(text: string): string {
  return `'${text.length > 64 ? `${text.slice(0, 63)}…` : text}'`;
}
