import { AgentError } from './errors.ts';

/** Where a value lies: bytes `[start, end)`. */
export type Span = { readonly start: number; readonly end: number };

const letter = { colon: 0x3a, d: 0x64, e: 0x65, i: 0x69, l: 0x6c, zero: 0x30 } as const;

/**
 * Where the values of a bencoded dictionary lie, by key, without building any of them: a torrent
 * of 60,000 files takes hundreds of megabytes as objects. Throws AgentError `unverified` for bytes
 * that are no dictionary; what it skips is not checked further.
 */
export function findDictionarySpans(bytes: Buffer, at: number): ReadonlyMap<string, Span> {
  if (bytes[at] !== letter.d) throw notTorrent(at);
  const spans = new Map<string, Span>();
  let next = at + 1;
  while (bytes[next] !== letter.e) {
    const key = stringSpan(bytes, next);
    const end = skipValue(bytes, key.end);
    spans.set(bytes.toString('utf8', key.start, key.end), { start: key.end, end });
    next = end;
  }
  return spans;
}

function skipValue(bytes: Buffer, start: number): number {
  let at = start;
  let depth = 0;
  do {
    const first = bytes[at];
    if (first === letter.e) depth -= 1;
    else if (first === letter.l || first === letter.d) depth += 1;
    if (first === letter.i) at = integerEnd(bytes, at);
    else if (first === letter.e || first === letter.l || first === letter.d) at += 1;
    else at = stringSpan(bytes, at).end;
  } while (depth > 0);
  if (depth < 0) throw notTorrent(start);
  return at;
}

function integerEnd(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(letter.e, at);
  if (end === -1) throw notTorrent(at);
  return end + 1;
}

function stringSpan(bytes: Buffer, at: number): Span {
  let length = 0;
  let next = at;
  for (let digit = digitAt(bytes, next); digit !== undefined; digit = digitAt(bytes, next)) {
    length = length * 10 + digit;
    next += 1;
  }
  const start = next + 1;
  const isString = next > at && bytes[next] === letter.colon && start + length <= bytes.length;
  if (!isString) throw notTorrent(at);
  return { start, end: start + length };
}

function digitAt(bytes: Buffer, at: number): number | undefined {
  const digit = (bytes[at] ?? 0) - letter.zero;
  return digit >= 0 && digit <= 9 ? digit : undefined;
}

function notTorrent(at: number): AgentError {
  return new AgentError('unverified', `expected a torrent, got something else at byte ${at}`);
}
