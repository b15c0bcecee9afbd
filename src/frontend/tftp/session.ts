import { decideOptions, type TftpLimits } from '../../protocol/tftp/options.ts';
import { encodeTftp, type TftpRequest, tftpErrorCodes } from '../../protocol/tftp/packet.ts';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { Delivery, type DeliveryEnd } from './delivery.ts';
import { TftpFileError } from './errors.ts';
import { asNetascii } from './netascii-view.ts';
import type { FileView, SharedFiles } from './shared-files.ts';
import type { OpenTransferSocket, TransferSocket, UdpEndpoint } from './transfer-socket.ts';
import type {
  OpenTftpFile,
  TftpFile,
  TftpOutcome,
  TftpRefusal,
  TftpTransferEvent,
} from './types.ts';

export type SessionDeps = {
  readonly open: OpenTftpFile;
  readonly openSocket: OpenTransferSocket;
  readonly files: SharedFiles;
  readonly nowMs: () => number;
  readonly onEvent: (event: TftpTransferEvent) => void;
};

export type SessionConfig = TftpLimits & {
  readonly localAddress: string;
  readonly silenceLimitMs: number;
};

export type Asked = {
  /** The client as the door and the events name it. */
  readonly clientName: string;
  readonly client: UdpEndpoint;
  readonly request: TftpRequest;
};

type Ending = {
  readonly outcome: TftpOutcome;
  readonly reason?: string;
  /** What the client is told; nothing when left out. */
  readonly told?: { readonly code: number; readonly message: string };
};

/** One request, from its datagram to the end of its transfer. */
export class Session {
  readonly asked: Asked;
  readonly #deps: SessionDeps;
  readonly #config: SessionConfig;
  readonly #startedAtMs: number;
  #socket: TransferSocket | undefined;
  #file: FileView | undefined;
  #delivery: Delivery | undefined;
  #agreed: { readonly blockBytes: number; readonly windowBlocks: number } | undefined;
  #isEnded = false;

  constructor(asked: Asked, deps: SessionDeps, config: SessionConfig) {
    this.asked = asked;
    this.#deps = deps;
    this.#config = config;
    this.#startedAtMs = deps.nowMs();
  }

  /** When the client first reacted to what it was sent; undefined: it has not. */
  get answeredAtMs(): number | undefined {
    return this.#delivery?.answeredAtMs;
  }

  /** Answers the request. Resolves when its transfer has begun, or has ended already. */
  async start(): Promise<void> {
    try {
      this.#socket = await this.#openSocket();
      const refusal = await this.#openFile();
      if (refusal !== undefined) this.#refuse(refusal);
      else if (!this.#isEnded) this.#begin(this.#socket);
    } catch (error) {
      this.#fail(error);
    }
    // It may have ended while something was being opened.
    if (this.#isEnded) await this.#release();
  }

  tick(nowMs: number): void {
    if (this.#isEnded) return;
    if (this.#delivery !== undefined) return this.#delivery.tick(nowMs);
    const waitedMs = Math.round(nowMs - this.#startedAtMs);
    if (waitedMs < this.#config.silenceLimitMs) return;
    this.#fail(new Error(`expected the file to be opened, waited ${waitedMs} ms`));
  }

  async stop(): Promise<void> {
    const reason = 'the server is stopping';
    const told = { code: tftpErrorCodes.undefined, message: reason };
    this.#end({ outcome: 'stopped', reason, told });
    await this.#release();
  }

  #openSocket(): Promise<TransferSocket> {
    const ends = { localAddress: this.#config.localAddress, client: this.asked.client };
    return this.#deps.openSocket(ends, {
      onMessage: (datagram) => this.#delivery?.receive(datagram),
      onError: (error) => {
        // All else is left to the timer.
        if (hasErrorCode(error, 'ECONNREFUSED')) this.#delivery?.clientGone();
      },
    });
  }

  async #openFile(): Promise<TftpRefusal | undefined> {
    const { clientName, request } = this.asked;
    const refusal = refuseRequest(request);
    if (refusal !== undefined) return refusal;
    const opened = await this.#deps.open({ address: clientName }, request.path);
    if (isRefusal(opened)) return opened;
    this.#file = await this.#deps.files.share(opened);
    if (request.mode === 'netascii') this.#file = await asNetascii(this.#file);
    return undefined;
  }

  #begin(socket: TransferSocket): void {
    const file = this.#file;
    if (file === undefined) return;
    const { silenceLimitMs } = this.#config;
    const { nowMs } = this.#deps;
    const agreed = decideOptions(this.asked.request.options, this.#config, file.sizeBytes);
    const onEnd = (end: DeliveryEnd) => this.#delivered(end);
    this.#agreed = agreed;
    this.#delivery = new Delivery({ file, socket, agreed, silenceLimitMs, nowMs, onEnd });
    this.#delivery.begin();
  }

  #delivered(end: DeliveryEnd): void {
    if (end.outcome === 'failed') this.#fail(end.error);
    else this.#end(end);
  }

  #refuse({ code, reason }: TftpRefusal): void {
    this.#end({ outcome: 'refused', reason, told: { code, message: reason } });
  }

  #fail(error: unknown): void {
    const reason = messageOf(error);
    // Messages from elsewhere, with paths of this machine, are for the operator only.
    const message = error instanceof TftpFileError ? reason : 'the file cannot be read';
    this.#end({ outcome: 'failed', reason, told: { code: tftpErrorCodes.undefined, message } });
  }

  #end({ outcome, reason, told }: Ending): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (told !== undefined) this.#socket?.send(encodeTftp({ kind: 'error', ...told }));
    this.#deps.onEvent({
      client: this.asked.clientName,
      path: this.asked.request.path,
      outcome,
      reason,
      sizeBytes: this.#file?.sizeBytes,
      sentBytes: this.#delivery?.sentBytes ?? 0,
      elapsedMs: this.#deps.nowMs() - this.#startedAtMs,
      blockBytes: this.#agreed?.blockBytes,
      windowBlocks: this.#agreed?.windowBlocks,
      resentBlocks: this.#delivery?.resentBlocks ?? 0,
    });
    void this.#release();
  }

  async #release(): Promise<void> {
    this.#socket?.close();
    const file = this.#file;
    this.#file = undefined;
    // Nothing was written: there is nothing to lose.
    await file?.close().catch(() => {});
  }
}

function isRefusal(opened: TftpFile | TftpRefusal): opened is TftpRefusal {
  return 'kind' in opened && opened.kind === 'refuse';
}

function refuseRequest({ kind, mode }: TftpRequest): TftpRefusal | undefined {
  if (kind === 'write') {
    return { kind: 'refuse', code: tftpErrorCodes.notAllowed, reason: 'nothing is written here' };
  }
  if (mode === 'octet' || mode === 'netascii') return undefined;
  const reason = `expected mode octet or netascii, got ${mode}`;
  return { kind: 'refuse', code: tftpErrorCodes.illegalOperation, reason };
}

/** The same text and options: sent again, most likely, because no answer had come. */
export function isSameRequest(one: TftpRequest, other: TftpRequest): boolean {
  const text = ({ kind, path, mode, options }: TftpRequest): string =>
    JSON.stringify([kind, path, mode, ...options]);
  return text(one) === text(other);
}
