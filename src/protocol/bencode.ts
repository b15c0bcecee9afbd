import bencode from 'bencode';
import { messageOf, ScreeError } from '../runtime/errors.ts';

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

/** Decodes one value. Throws BencodeError, and nothing else, for bytes that are not bencode. */
export function decodeBencode(bytes: Uint8Array): DecodedValue {
  try {
    const value: unknown = bencode.decode(bytes);
    if (value === null || value === undefined) throw new Error('nothing there');
    return value as DecodedValue;
  } catch (cause) {
    throw new BencodeError('not-bencode', `expected bencode, got ${messageOf(cause)}`, { cause });
  }
}

export function isDictionary(value: DecodedValue | undefined): value is DecodedDictionary {
  return typeof value === 'object' && !(value instanceof Uint8Array) && !Array.isArray(value);
}

/** The length of the one value that starts at `bytes[0]`, for messages with data behind it. */
export function bencodeLength(bytes: Uint8Array): number {
  decodeBencode(bytes);
  return bencode.decode.position;
}
