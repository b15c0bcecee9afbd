import { ScreeError } from '../../runtime/errors.ts';

/** The peer wire protocol: BEP 3, with the fast extension (BEP 6) and extensions (BEP 10). */
export class WireError extends ScreeError<'bad-handshake' | 'bad-message' | 'too-long'> {}

export const messageIds = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  extended: 20,
} as const;

export type BlockRange = {
  readonly piece: number;
  readonly beginByte: number;
  readonly lengthBytes: number;
};

export type WireMessage =
  | { readonly type: 'choke' | 'unchoke' | 'interested' | 'notInterested' }
  | { readonly type: 'haveAll' | 'haveNone' }
  | { readonly type: 'ignored' }
  | { readonly type: 'have'; readonly piece: number }
  | { readonly type: 'bitfield'; readonly bytes: Buffer }
  | ({ readonly type: 'request' | 'cancel' | 'reject' } & BlockRange)
  | { readonly type: 'extended'; readonly id: number; readonly payload: Buffer };

const protocolName = Buffer.from('\x13BitTorrent protocol', 'latin1');
export const handshakeLengthBytes = 68;

export type Handshake = {
  readonly infohash: string;
  /** 20 bytes. */
  readonly peerId: Buffer;
  readonly fast: boolean;
  readonly extended: boolean;
};

export function encodeHandshake(infohash: string, peerId: Uint8Array): Buffer {
  const reserved = Buffer.from([0, 0, 0, 0, 0, 0x10, 0, 0x04]);
  return Buffer.concat([protocolName, reserved, Buffer.from(infohash, 'hex'), peerId]);
}

/** Reads the 68 bytes of a handshake. Throws WireError `bad-handshake`. */
export function decodeHandshake(bytes: Buffer): Handshake {
  if (!bytes.subarray(0, protocolName.length).equals(protocolName)) {
    throw new WireError('bad-handshake', 'expected a BitTorrent handshake, got something else');
  }
  return {
    infohash: bytes.toString('hex', 28, 48),
    peerId: Buffer.from(bytes.subarray(48, 68)),
    fast: ((bytes[27] ?? 0) & 0x04) !== 0,
    extended: ((bytes[25] ?? 0) & 0x10) !== 0,
  };
}

export type BareMessage =
  | 'choke'
  | 'unchoke'
  | 'interested'
  | 'notInterested'
  | 'haveAll'
  | 'haveNone';

export function encodeBare(type: BareMessage): Buffer {
  return frame(messageIds[type], 0);
}

export const keepAlive: Buffer = Buffer.alloc(4);

export function encodeHave(piece: number): Buffer {
  const message = frame(messageIds.have, 4);
  message.writeUInt32BE(piece, 5);
  return message;
}

export function encodeBitfield(bits: Uint8Array): Buffer {
  const message = frame(messageIds.bitfield, bits.length);
  message.set(bits, 5);
  return message;
}

export function encodeRange(type: 'request' | 'cancel' | 'reject', range: BlockRange): Buffer {
  const message = frame(messageIds[type], 12);
  message.writeUInt32BE(range.piece, 5);
  message.writeUInt32BE(range.beginByte, 9);
  message.writeUInt32BE(range.lengthBytes, 13);
  return message;
}

/** What stands before a block's bytes on the wire. */
export function encodePieceHeader(range: BlockRange): Buffer {
  const header = Buffer.allocUnsafe(13);
  header.writeUInt32BE(9 + range.lengthBytes, 0);
  header[4] = messageIds.piece;
  header.writeUInt32BE(range.piece, 5);
  header.writeUInt32BE(range.beginByte, 9);
  return header;
}

export function encodeExtended(id: number, payload: Uint8Array): Buffer {
  const message = frame(messageIds.extended, 1 + payload.length);
  message[5] = id;
  message.set(payload, 6);
  return message;
}

/**
 * Reads one message other than `piece`, without its length. Unknown ids are `ignored`. Throws
 * WireError `bad-message` when the length does not fit the id.
 */
export function decodeMessage(body: Buffer): WireMessage {
  switch (body[0] ?? -1) {
    case messageIds.choke:
      return bare(body, 'choke');
    case messageIds.unchoke:
      return bare(body, 'unchoke');
    case messageIds.interested:
      return bare(body, 'interested');
    case messageIds.notInterested:
      return bare(body, 'notInterested');
    case messageIds.haveAll:
      return bare(body, 'haveAll');
    case messageIds.haveNone:
      return bare(body, 'haveNone');
    case messageIds.have:
      return { type: 'have', piece: sized(body, 5).readUInt32BE(1) };
    case messageIds.bitfield:
      return { type: 'bitfield', bytes: Buffer.from(body.subarray(1)) };
    case messageIds.request:
      return { type: 'request', ...range(body) };
    case messageIds.cancel:
      return { type: 'cancel', ...range(body) };
    case messageIds.reject:
      return { type: 'reject', ...range(body) };
    case messageIds.extended:
      if (body.length < 2) throw badLength(body);
      return { type: 'extended', id: body[1] ?? 0, payload: Buffer.from(body.subarray(2)) };
    default:
      return { type: 'ignored' };
  }
}

function frame(id: number, payloadLength: number): Buffer {
  const message = Buffer.allocUnsafe(5 + payloadLength);
  message.writeUInt32BE(1 + payloadLength, 0);
  message[4] = id;
  return message;
}

function bare<Type extends BareMessage>(body: Buffer, type: Type): { readonly type: Type } {
  sized(body, 1);
  return { type };
}

function range(body: Buffer): BlockRange {
  sized(body, 13);
  return {
    piece: body.readUInt32BE(1),
    beginByte: body.readUInt32BE(5),
    lengthBytes: body.readUInt32BE(9),
  };
}

function sized(body: Buffer, length: number): Buffer {
  if (body.length !== length) throw badLength(body);
  return body;
}

function badLength(body: Buffer): WireError {
  return new WireError('bad-message', `message ${body[0]} has a wrong length of ${body.length}`);
}
