import type { TftpServer, TftpServerConfig } from '../server.ts';
import type { TftpFile, TftpRefusal, TftpTransferEvent } from '../types.ts';

/** Some bytes of a file that is made of several, for a reader in another thread. */
export type FilePart =
  /** A descriptor is the same in every thread of a process. */
  { readonly descriptor: number; readonly sizeBytes: number } | { readonly bytes: Uint8Array };

/** Read by the thread; `parts` are valid until `close`. */
export type ThreadedFile = Omit<TftpFile, 'read'> & { readonly parts: readonly FilePart[] };

/** See OpenTftpFile. */
export type OpenThreadedFile = (
  client: { readonly address: string },
  path: string,
) => Promise<ThreadedFile | TftpRefusal>;

export type ThreadData = {
  readonly config: TftpServerConfig;
  /** An Int32: how many events were told and not yet heard. */
  readonly unheard: SharedArrayBuffer;
};

/** What the thread is told. */
export type ToThread =
  | { readonly kind: 'opened'; readonly id: number; readonly file: OpenedFile }
  | { readonly kind: 'refused'; readonly id: number; readonly refusal: TftpRefusal }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  | { readonly kind: 'stop' };

export type OpenedFile = Pick<ThreadedFile, 'sizeBytes' | 'identity' | 'parts'>;

/** What the thread says. */
export type FromThread =
  | { readonly kind: 'ready'; readonly host: string; readonly port: number }
  | { readonly kind: 'not-ready'; readonly message: string; readonly code: string | undefined }
  | { readonly kind: 'open'; readonly id: number; readonly address: string; readonly path: string }
  | { readonly kind: 'close'; readonly id: number }
  | { readonly kind: 'event'; readonly event: TftpTransferEvent }
  | { readonly kind: 'counts'; readonly counts: ReturnType<TftpServer['counts']> }
  | { readonly kind: 'warning'; readonly message: string; readonly reason: string }
  | { readonly kind: 'stopped' };
