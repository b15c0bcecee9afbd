import type { AgreedOptions } from '../../protocol/tftp/options.ts';
import { encodeTftp, tryDecodeTftp } from '../../protocol/tftp/packet.ts';
import { DataDatagram } from './data-datagram.ts';
import type { FileView } from './shared-files.ts';
import { Transfer, type TransferAction } from './transfer.ts';
import type { TransferSocket } from './transfer-socket.ts';

export type DeliveryEnd =
  | { readonly outcome: 'complete' }
  | { readonly outcome: 'aborted' | 'lost'; readonly reason: string }
  | { readonly outcome: 'failed'; readonly error: unknown };

export type DeliveryParts = {
  readonly file: FileView;
  readonly socket: TransferSocket;
  readonly agreed: AgreedOptions;
  readonly silenceLimitMs: number;
  readonly nowMs: () => number;
  /** Called once; nothing is sent from then on. */
  readonly onEnd: (end: DeliveryEnd) => void;
};

type Of<Kind> = Extract<TransferAction, { readonly kind: Kind }>;

/** Does what the Transfer says with the file and the socket. */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #transfer: Transfer;
  readonly #datagram: DataDatagram;
  #sentBytes = 0;
  #isEnded = false;

  constructor(parts: DeliveryParts) {
    const { agreed, file, silenceLimitMs } = parts;
    const { sizeBytes } = file;
    const hasOack = agreed.granted.size > 0;
    const plan = { ...agreed, sizeBytes, hasOack, silenceLimitMs };
    this.#parts = parts;
    this.#transfer = new Transfer(plan, parts.nowMs());
    this.#datagram = new DataDatagram(file, agreed.blockBytes);
  }

  /** When the client first reacted to what it was sent; undefined: it has not. */
  get answeredAtMs(): number | undefined {
    return this.#transfer.answeredAtMs;
  }

  get resentBlocks(): number {
    return this.#transfer.resentBlocks;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  begin(): void {
    this.#act(this.#transfer.begin());
  }

  /** What comes from the client; what makes no sense is passed over. */
  receive(datagram: Buffer): void {
    const packet = tryDecodeTftp(datagram);
    if (packet?.kind === 'ack') {
      this.#act(this.#transfer.ack(packet.block, this.#parts.nowMs()));
    } else if (packet?.kind === 'error') {
      this.#end({ outcome: 'aborted', reason: `${packet.code} ${packet.message}`.trim() });
    }
  }

  tick(nowMs: number): void {
    this.#act(this.#transfer.timer(nowMs), this.#parts.socket.sendWatched);
  }

  /** Nobody listens at the client's port any more. */
  clientGone(): void {
    // Loaders close their port after the last block, and may do so before we hear of it.
    const { isAllSent, isAnswered } = this.#transfer;
    if (isAllSent && isAnswered) this.#end({ outcome: 'complete' });
    else this.#end({ outcome: 'lost', reason: 'the client has closed its port' });
  }

  #act(action: TransferAction, send = this.#parts.socket.send): void {
    if (this.#isEnded) return;
    if (action.kind === 'send') this.#send(action, send);
    if (action.kind !== 'end') return;
    if (action.outcome === 'complete') this.#end({ outcome: 'complete' });
    else if (!this.#transfer.isStalled) {
      this.#end({ outcome: 'lost', reason: 'the client has fallen silent' });
    } else this.#fail(new Error('expected bytes of the file, none came for too long'));
  }

  #send({ firstBlock, lastBlock }: Of<'send'>, send: TransferSocket['send']): void {
    const { nowMs } = this.#parts;
    for (let block = firstBlock; block <= lastBlock; block += 1) {
      const loading = block === 0 ? undefined : this.#datagram.fill(block);
      if (loading !== undefined) {
        if (block > firstBlock) this.#transfer.sent(block - 1, nowMs());
        return this.#waitFor(loading);
      }
      if (block === 0) send(this.#oack());
      else {
        send(this.#datagram.bytes);
        this.#sentBytes += this.#datagram.blockBytes;
      }
    }
    this.#transfer.sent(lastBlock, nowMs());
    // While the client is busy with what it has.
    this.#datagram.prepare(lastBlock + 1);
  }

  #oack(): Buffer {
    return encodeTftp({ kind: 'oack', options: this.#parts.agreed.granted });
  }

  #waitFor(loading: Promise<void>): void {
    this.#transfer.stalled();
    this.#parts.socket.rest();
    loading
      .then(() => this.#act(this.#transfer.bytesReady(this.#parts.nowMs())))
      .catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    this.#end({ outcome: 'failed', error });
  }

  #end(end: DeliveryEnd): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#parts.onEnd(end);
  }
}
