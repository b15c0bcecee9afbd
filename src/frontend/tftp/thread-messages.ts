import type { LogFields } from '../../runtime/log.ts';
import type { TftpServer } from './server.ts';
import type { TftpRefusal, TftpTransferEvent } from './types.ts';

export type TftpCounts = ReturnType<TftpServer['counts']>;

/** What is asked of the main thread, which has the files. `file` is a number that it gave. */
export type TftpQuestion =
  | { readonly ask: 'open'; readonly address: string; readonly path: string }
  | {
      readonly ask: 'read';
      readonly file: number;
      readonly offsetBytes: number;
      readonly lengthBytes: number;
    }
  | { readonly ask: 'close'; readonly file: number };

export type OpenedFile = {
  readonly file: number;
  readonly sizeBytes: number;
  readonly identity: string | undefined;
};

export type TftpAnswer =
  | { readonly kind: 'opened'; readonly opened: OpenedFile | TftpRefusal }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly reason: string };

/** From the thread of the transfers. */
export type FromThread =
  | { readonly kind: 'listening'; readonly host: string; readonly port: number }
  /** It has no port, and ends. */
  | { readonly kind: 'not-listening'; readonly message: string; readonly code: string | undefined }
  | { readonly kind: 'question'; readonly id: number; readonly question: TftpQuestion }
  | { readonly kind: 'event'; readonly event: TftpTransferEvent }
  | { readonly kind: 'counts'; readonly counts: TftpCounts }
  | { readonly kind: 'warning'; readonly event: string; readonly fields: LogFields }
  | { readonly kind: 'stopped' };

/** To the thread of the transfers. */
export type ToThread =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: TftpAnswer }
  | { readonly kind: 'stop' };
