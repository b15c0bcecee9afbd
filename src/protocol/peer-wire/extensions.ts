import { type DecodedDictionary, decodeBencode, encodeBencode, isDictionary } from '../bencode.ts';
import { WireError } from './messages.ts';

/**
 * Extensions by BEP 10. `lt_donthave` is BEP 54. `scree` is spoken between our own programs: with
 * it blocks of 64 KiB may be asked for, haves come in batches, an agent tells a frontend what it
 * wants next, and tells the agents of its own rack what it fetches from outside of it. The extended
 * handshake may come again when an agent has learnt in which rack it is.
 */
export const ownExtensionIds = { donthave: 1, scree: 2 } as const;

export const standardBlockBytes = 16 * 1024;
export const ownBlockBytes = 64 * 1024;

export type ExtendedHandshake = {
  /** The ids under which the other side takes each extension; undefined: it does not. */
  readonly donthaveId: number | undefined;
  readonly screeId: number | undefined;
  readonly frontend: boolean;
  /** Equal for machines of one rack; undefined: not known. */
  readonly rack: number | undefined;
  readonly client: string;
  readonly listenPort: number | undefined;
  /** How many requests may wait at the other side. */
  readonly requestQueueLength: number;
};

export type OwnHandshake = {
  readonly frontend: boolean;
  readonly rack?: number | undefined;
  readonly client: string;
  readonly listenPort: number;
  readonly requestQueueLength: number;
};

export function encodeExtendedHandshake(own: OwnHandshake): Buffer {
  return encodeBencode({
    m: { lt_donthave: ownExtensionIds.donthave, scree: ownExtensionIds.scree },
    p: own.listenPort,
    reqq: own.requestQueueLength,
    scree: {
      frontend: own.frontend ? 1 : 0,
      ...(own.rack === undefined ? {} : { rack: own.rack }),
    },
    v: own.client,
  });
}

/** Throws BencodeError or WireError `bad-message`. */
export function decodeExtendedHandshake(payload: Buffer): ExtendedHandshake {
  const root = decodeBencode(payload);
  if (!isDictionary(root))
    throw new WireError('bad-message', 'an extension handshake that is no dictionary');
  const ids = isDictionary(root.m) ? root.m : {};
  const own = isDictionary(root.scree) ? root.scree : {};
  return {
    donthaveId: idAt(ids, 'lt_donthave'),
    screeId: idAt(ids, 'scree'),
    frontend: own.frontend === 1,
    rack: numberAt(own, 'rack', 0, largestRack),
    client: root.v instanceof Uint8Array ? printable(root.v) : '',
    listenPort: numberAt(root, 'p', 1, 65_535),
    requestQueueLength: numberAt(root, 'reqq', 1, 100_000) ?? 250,
  };
}

export const largestRack = 2 ** 32 - 1;
const screeKinds = { haves: 0, wants: 1, claims: 2 } as const;

/** `count` pieces from `firstPiece`; overdue: the installer has waited for them too long. */
export type WantedRange = {
  readonly firstPiece: number;
  readonly count: number;
  readonly overdue: boolean;
};

export type ScreeMessage =
  | { readonly kind: 'haves'; readonly pieces: readonly number[] }
  /** Its sender fetches these from outside of its rack. */
  | { readonly kind: 'claims'; readonly pieces: readonly number[] }
  /** Everything its sender still wants, the most urgent first; replaces what it said before. */
  | { readonly kind: 'wants'; readonly ranges: readonly WantedRange[] };

/** What is told beyond is the least urgent, and left unread. */
export const maximumWantedRanges = 256;
const overdueBit = 0x8000_0000;

export function encodePieces(kind: 'haves' | 'claims', pieces: readonly number[]): Buffer {
  const payload = Buffer.allocUnsafe(1 + pieces.length * 4);
  payload[0] = screeKinds[kind];
  pieces.forEach((piece, index) => {
    payload.writeUInt32BE(piece, 1 + index * 4);
  });
  return payload;
}

/** BEP 54: the payload behind the extension's number. */
export function encodeDonthave(piece: number): Buffer {
  const payload = Buffer.allocUnsafe(4);
  payload.writeUInt32BE(piece);
  return payload;
}

export function encodeWants(ranges: readonly WantedRange[]): Buffer {
  const sent = ranges.slice(0, maximumWantedRanges);
  const payload = Buffer.allocUnsafe(1 + sent.length * 8);
  payload[0] = screeKinds.wants;
  sent.forEach((range, index) => {
    payload.writeUInt32BE(range.firstPiece, 1 + index * 8);
    payload.writeUInt32BE(range.count + (range.overdue ? overdueBit : 0), 5 + index * 8);
  });
  return payload;
}

/** Throws WireError `bad-message` for an unknown kind or pieces past `pieceCount`. */
export function decodeScreeMessage(payload: Buffer, pieceCount: number): ScreeMessage {
  const body = payload.subarray(1);
  switch (payload[0] ?? -1) {
    case screeKinds.haves:
      return { kind: 'haves', pieces: decodePieces(body, pieceCount) };
    case screeKinds.claims:
      return { kind: 'claims', pieces: decodePieces(body, pieceCount) };
    case screeKinds.wants:
      return { kind: 'wants', ranges: decodeWants(body, pieceCount) };
    default:
      throw new WireError('bad-message', `an unknown scree message ${payload[0]}`);
  }
}

function decodePieces(body: Buffer, pieceCount: number): number[] {
  if (body.length % 4 !== 0) throw new WireError('bad-message', 'a torn list of pieces');
  const pieces: number[] = [];
  for (let offset = 0; offset < body.length; offset += 4) {
    const piece = body.readUInt32BE(offset);
    if (piece >= pieceCount) throw new WireError('bad-message', `piece ${piece} in a list`);
    pieces.push(piece);
  }
  return pieces;
}

function decodeWants(body: Buffer, pieceCount: number): WantedRange[] {
  const count = body.length / 8;
  if (!Number.isInteger(count)) {
    throw new WireError('bad-message', `a list of wants of ${body.length} bytes`);
  }
  return Array.from({ length: Math.min(count, maximumWantedRanges) }, (_, index) => {
    const firstPiece = body.readUInt32BE(index * 8);
    const word = body.readUInt32BE(index * 8 + 4);
    const range = { firstPiece, count: word % overdueBit, overdue: word >= overdueBit };
    if (range.firstPiece + range.count > pieceCount) {
      throw new WireError('bad-message', `a want of ${range.count} pieces from ${firstPiece}`);
    }
    return range;
  });
}

function idAt(ids: DecodedDictionary, name: string): number | undefined {
  return numberAt(ids, name, 1, 255);
}

function numberAt(
  from: DecodedDictionary,
  key: string,
  minimum: number,
  maximum: number,
): number | undefined {
  const value = from[key];
  const fits = typeof value === 'number' && Number.isInteger(value);
  return fits && value >= minimum && value <= maximum ? value : undefined;
}

function printable(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 64)).toString('utf8');
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
