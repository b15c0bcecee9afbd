import bencode from 'bencode';
import { ScreeError } from '../runtime/errors.ts';

/** What bencode (BEP 3) can hold. Strings are bytes on the wire. */
export type BencodeValue =
  | number
  | string
  | Uint8Array
  | readonly BencodeValue[]
  | { readonly [key: string]: BencodeValue };

export type DecodedValue = number | Uint8Array | DecodedValue[] | DecodedDictionary;
export type DecodedDictionary = { readonly [key: string]: DecodedValue };

export class BencodeError extends ScreeError<'not-bencode'> {}

export function encodeBencode(value: BencodeValue): Buffer {
  return Buffer.from(bencode.encode(value));
}

type Cursor = { readonly bytes: Buffer; at: number };

const letter = { d: 0x64, e: 0x65, i: 0x69, l: 0x6c } as const;
/** Lists within lists: more than any torrent or peer has, far less than the stack takes. */
const deepest = 64;
const longestNumber = 20;

/**
 * Decodes the value at the start; what follows it is not looked at. Dictionary keys that are not
 * UTF-8 are given in hex. Throws BencodeError, and nothing else, for bytes that are not bencode.
 *
 * The decoder is our own: the package's takes lengths below zero, with which four bytes from
 * anybody (`l-3:`) make it collect empty strings until the memory is used up.
 */
export function decodeBencode(bytes: Uint8Array): DecodedValue {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return takeValue({ bytes: view, at: 0 }, 0);
}

export function isDictionary(value: DecodedValue | undefined): value is DecodedDictionary {
  return typeof value === 'object' && !(value instanceof Uint8Array) && !Array.isArray(value);
}

function takeValue(cursor: Cursor, depth: number): DecodedValue {
  if (depth > deepest) throw notBencode(cursor, `at most ${deepest} levels`);
  const first = cursor.bytes[cursor.at];
  if (first === letter.i) return takeInteger(cursor);
  if (first === letter.l) return takeList(cursor, depth);
  if (first === letter.d) return takeDictionary(cursor, depth);
  return new Uint8Array(takeString(cursor));
}

function takeInteger(cursor: Cursor): number {
  const { bytes, at } = cursor;
  const digits = takeUntil({ bytes, at: at + 1 }, 'e');
  if (!/^(?:0|-?[1-9]\d*)$/.test(digits)) throw notBencode(cursor, 'an integer');
  cursor.at += digits.length + 2;
  return Number(digits);
}

function takeList(cursor: Cursor, depth: number): DecodedValue[] {
  const list: DecodedValue[] = [];
  cursor.at += 1;
  while (cursor.bytes[cursor.at] !== letter.e) list.push(takeValue(cursor, depth + 1));
  cursor.at += 1;
  return list;
}

function takeDictionary(cursor: Cursor, depth: number): DecodedDictionary {
  const entries: [string, DecodedValue][] = [];
  cursor.at += 1;
  while (cursor.bytes[cursor.at] !== letter.e) {
    const key = keyText(takeString(cursor));
    entries.push([key, takeValue(cursor, depth + 1)]);
  }
  cursor.at += 1;
  // Unlike assignments, this makes a plain property of a key such as `__proto__`.
  return Object.fromEntries(entries);
}

function takeString(cursor: Cursor): Buffer {
  const digits = takeUntil(cursor, ':');
  if (!/^\d+$/.test(digits)) throw notBencode(cursor, 'a value');
  const start = cursor.at + digits.length + 1;
  const end = start + Number(digits);
  if (end > cursor.bytes.length) throw notBencode(cursor, `${digits} bytes`);
  cursor.at = end;
  return cursor.bytes.subarray(start, end);
}

/** The text before the delimiter, which has to be near. */
function takeUntil(cursor: Cursor, delimiter: string): string {
  const text = cursor.bytes.toString('latin1', cursor.at, cursor.at + longestNumber + 2);
  const length = text.indexOf(delimiter);
  if (length < 0) throw notBencode(cursor, `a number and '${delimiter}'`);
  return text.slice(0, length);
}

function keyText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\uFFFD') ? bytes.toString('hex') : text;
}

function notBencode(cursor: Cursor, expected: string): BencodeError {
  const at = `${cursor.at} of ${cursor.bytes.length}`;
  return new BencodeError('not-bencode', `expected bencode: ${expected} at byte ${at}`);
}
