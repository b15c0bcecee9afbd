import {
  type BlockRange,
  decodeMessage,
  messageIds,
  WireError,
  type WireMessage,
} from './messages.ts';

/** Who listens to a decoder. */
export type WireHandler = {
  readonly onMessage: (message: WireMessage) => void;
  /**
   * Where the bytes of an arriving block go; its length is the block's. Undefined: nobody asked
   * for it, its bytes are passed over.
   */
  readonly blockTarget: (range: BlockRange) => Buffer | undefined;
  /** All bytes of a block have been put where `blockTarget` said. */
  readonly onBlock: (range: BlockRange) => void;
};

type ArrivingBlock = {
  readonly range: BlockRange;
  readonly target: Buffer | undefined;
  receivedBytes: number;
};

const lengthBytes = 4;
const pieceHeaderBytes = 13;
const noBytes = Buffer.alloc(0);

/**
 * Takes the peer wire stream behind the handshake apart. Block bytes are copied once, straight to
 * where they belong; nothing is kept of a message longer than the limit.
 */
export class WireDecoder {
  readonly #handler: WireHandler;
  readonly #maximumMessageBytes: number;
  #rest: Buffer = noBytes;
  #block: ArrivingBlock | undefined;

  constructor(handler: WireHandler, limits: { readonly maximumMessageBytes: number }) {
    this.#handler = handler;
    this.#maximumMessageBytes = limits.maximumMessageBytes;
  }

  /** Throws WireError for what no honest peer sends. */
  push(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = noBytes;
    while (bytes.length > 0) {
      const taken = this.#block === undefined ? this.#takeMessage(bytes) : this.#takeBlock(bytes);
      if (taken === 0) break;
      bytes = bytes.subarray(taken);
    }
    // The chunk's memory is the caller's.
    this.#rest = bytes.length === 0 ? noBytes : Buffer.from(bytes);
  }

  #takeMessage(bytes: Buffer): number {
    if (bytes.length < lengthBytes) return 0;
    const length = bytes.readUInt32BE(0);
    if (length === 0) return lengthBytes;
    if (length > this.#maximumMessageBytes) {
      const limit = this.#maximumMessageBytes;
      throw new WireError('too-long', `a message of ${length} bytes, more than ${limit}`);
    }
    if (bytes.length > lengthBytes && bytes[lengthBytes] === messageIds.piece) {
      return this.#startBlock(bytes, length);
    }
    if (bytes.length < lengthBytes + length) return 0;
    this.#handler.onMessage(decodeMessage(bytes.subarray(lengthBytes, lengthBytes + length)));
    return lengthBytes + length;
  }

  #startBlock(bytes: Buffer, length: number): number {
    if (length < 9) throw new WireError('bad-message', `a piece message of ${length} bytes`);
    if (bytes.length < pieceHeaderBytes) return 0;
    const range = {
      piece: bytes.readUInt32BE(5),
      beginByte: bytes.readUInt32BE(9),
      lengthBytes: length - 9,
    };
    this.#block = { range, target: this.#handler.blockTarget(range), receivedBytes: 0 };
    this.#endBlockWhenFull(this.#block);
    return pieceHeaderBytes;
  }

  #takeBlock(bytes: Buffer): number {
    const block = this.#block;
    if (block === undefined) return 0;
    const missing = block.range.lengthBytes - block.receivedBytes;
    const taken = Math.min(missing, bytes.length);
    block.target?.set(bytes.subarray(0, taken), block.receivedBytes);
    block.receivedBytes += taken;
    this.#endBlockWhenFull(block);
    return taken;
  }

  #endBlockWhenFull(block: ArrivingBlock): void {
    if (block.receivedBytes < block.range.lengthBytes) return;
    this.#block = undefined;
    if (block.target !== undefined) this.#handler.onBlock(block.range);
  }
}
