import { Worker } from 'node:worker_threads';
import { messageOf } from '../../../runtime/errors.ts';
import type { Log } from '../../../runtime/log.ts';
import type { TftpServer, TftpServerConfig } from '../server.ts';
import type { TftpTransferEvent } from '../types.ts';
import type { FromThread, OpenThreadedFile, ThreadData, ThreadedFile, ToThread } from './types.ts';

export type TftpThreadDeps = {
  readonly log: Log;
  /** Called here; the thread reads the file's parts. */
  readonly open: OpenThreadedFile;
  readonly onEvent: (event: TftpTransferEvent) => void;
};

const nothing = {
  transfers: 0,
  drops: { malformed: 0, unexpected: 0, repeated: 0, busy: 0 },
};

/**
 * startTftpServer in a thread of its own: a rack that loads its ramdisks takes a core for itself,
 * and a transfer of one block at a time must not wait for anything else. Rejects as bind does.
 */
export function startTftpThread(
  deps: TftpThreadDeps,
  config: TftpServerConfig,
): Promise<TftpServer> {
  const unheard = new Int32Array(new SharedArrayBuffer(4));
  const workerData: ThreadData = { config, unheard: unheard.buffer };
  const worker = new Worker(new URL('./tftp-thread.ts', import.meta.url), { workerData });
  const files = new Map<number, ThreadedFile>();
  const tell = (message: ToThread): void => worker.postMessage(message);
  let counts: ReturnType<TftpServer['counts']> = nothing;
  let stopped = () => {};
  let hasEnded = false;

  const open = async ({ id, address, path }: Extract<FromThread, { kind: 'open' }>) => {
    try {
      const answer = await deps.open({ address }, path);
      if ('kind' in answer) return tell({ kind: 'refused', id, refusal: answer });
      if (hasEnded) return void answer.close().catch(() => {});
      files.set(id, answer);
      const { sizeBytes, identity, parts } = answer;
      tell({ kind: 'opened', id, file: { sizeBytes, identity, parts } });
    } catch (error) {
      tell({ kind: 'failed', id, message: messageOf(error) });
    }
  };
  const close = (id: number): void => {
    const file = files.get(id);
    files.delete(id);
    // Nothing was written: there is nothing to lose.
    file?.close().catch(() => {});
  };
  return new Promise((resolve, reject) => {
    worker.on('error', (error) => {
      reject(error);
      // A defect, as it would be without the thread.
      setImmediate(() => {
        throw error;
      });
    });
    worker.on('message', (message: FromThread) => {
      switch (message.kind) {
        case 'open':
          return void open(message);
        case 'close':
          return close(message.id);
        case 'event':
          Atomics.sub(unheard, 0, 1);
          return deps.onEvent(message.event);
        case 'counts':
          counts = message.counts;
          return;
        case 'warning':
          return deps.log.warn(message.message, { reason: message.reason });
        case 'stopped':
          return stopped();
        case 'not-ready': {
          void worker.terminate();
          const { code } = message;
          return reject(Object.assign(new Error(message.message), { code }));
        }
        case 'ready':
          return resolve({
            host: message.host,
            port: message.port,
            counts: () => counts,
            close: end,
          });
      }
    });
  });

  async function end(): Promise<void> {
    await new Promise<void>((resolve) => {
      stopped = resolve;
      tell({ kind: 'stop' });
    });
    await worker.terminate();
    hasEnded = true;
    for (const id of [...files.keys()]) close(id);
  }
}
