import { headerBytes, writeDataHeader } from '../../protocol/tftp/packet.ts';
import type { FileView } from './shared-files.ts';

/** The DATA packet of one transfer, its memory used again for each block. */
export class DataDatagram {
  readonly #file: FileView;
  readonly #fullBytes: number;
  readonly #full: Buffer;
  readonly #fullBlock: Buffer;
  #current: Buffer;
  /** The block that lies in it. */
  #filled = 0;

  constructor(file: FileView, fullBytes: number) {
    this.#file = file;
    this.#fullBytes = fullBytes;
    this.#full = Buffer.allocUnsafeSlow(headerBytes + fullBytes);
    this.#fullBlock = this.#full.subarray(headerBytes);
    this.#current = this.#full;
  }

  /** As it is sent, until the next `fill`. */
  get bytes(): Buffer {
    return this.#current;
  }

  get blockBytes(): number {
    return this.#current.length - headerBytes;
  }

  /** A promise when the block's bytes are not in memory: fill again then. Blocks count from 1. */
  fill(block: number): Promise<void> | undefined {
    if (this.#filled === block) return undefined;
    const offsetBytes = (block - 1) * this.#fullBytes;
    const target = this.#blockAt(offsetBytes);
    const bytes = this.#file.copyTo(target, offsetBytes);
    if (bytes === undefined) return this.#done(block);
    return bytes.then((copied) => {
      // Meanwhile the client may have asked for another block.
      this.#blockAt(offsetBytes).set(copied);
      this.#done(block);
    });
  }

  /** Fills it before it is asked for, where the bytes are in memory. */
  prepare(block: number): void {
    if ((block - 1) * this.#fullBytes > this.#file.sizeBytes) return;
    // Whoever asks for the block is told what is wrong.
    this.fill(block)?.catch(() => {});
  }

  #blockAt(offsetBytes: number): Buffer {
    this.#filled = 0;
    const lengthBytes = this.#file.sizeBytes - offsetBytes;
    if (lengthBytes >= this.#fullBytes) {
      this.#current = this.#full;
      return this.#fullBlock;
    }
    this.#current = this.#full.subarray(0, headerBytes + lengthBytes);
    return this.#current.subarray(headerBytes);
  }

  #done(block: number): undefined {
    writeDataHeader(this.#full, block);
    this.#filled = block;
  }
}
