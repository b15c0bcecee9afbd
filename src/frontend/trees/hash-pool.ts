import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { TreeError } from './errors.ts';
import type { HashRequest, HashResult, HashWorkerData } from './task-hasher.ts';

export type HashPoolOptions = {
  readonly pieceLengthBytes: number;
  readonly onResult: (result: HashResult) => void;
  /** Called a few times a second. */
  readonly onProgress?: ((bytesRead: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The module that the threads run. */
  readonly worker?: URL;
};

const ownWorker = new URL('./hash-worker.ts', import.meta.url);
const maximumWorkers = 16;
const progressIntervalMs = 100;

/**
 * Works all requests off in worker threads, one a core. Rejects with TreeError `hashing-failed`
 * when a thread dies, or with the signal's reason; no thread is left then.
 */
export async function hashInWorkers(
  requests: readonly HashRequest[],
  options: HashPoolOptions,
): Promise<void> {
  const { pieceLengthBytes, onProgress, signal, worker = ownWorker } = options;
  const progress = new SharedArrayBuffer(8);
  const workerData: HashWorkerData = { pieceLengthBytes, progress };
  const count = Math.min(availableParallelism(), maximumWorkers, requests.length);
  const threads = Array.from({ length: count }, () => new Worker(worker, { workerData }));
  const report = () => onProgress?.(Number(Atomics.load(new BigInt64Array(progress), 0)));
  const timer = setInterval(report, progressIntervalMs);
  try {
    const queue = longestFirst(requests);
    await Promise.all(threads.map((thread) => workOff(thread, queue, options)));
    report();
  } finally {
    clearInterval(timer);
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  signal?.throwIfAborted();
}

/** The long ones must not be the last to begin; the others stay in the order of the disk. */
function longestFirst(requests: readonly HashRequest[]): HashRequest[] {
  const sizeOf = ({ task }: HashRequest) =>
    task.parts.reduce((sum, part) => sum + part.endByte - part.startByte, 0);
  const isLong = (request: HashRequest) => sizeOf(request) > 64 * 1024 * 1024;
  const long = requests.filter(isLong).toSorted((a, b) => sizeOf(b) - sizeOf(a));
  return [...long, ...requests.filter((request) => !isLong(request))];
}

function workOff(thread: Worker, queue: HashRequest[], options: HashPoolOptions): Promise<void> {
  const { onResult, signal } = options;
  return new Promise((resolve, reject) => {
    const next = () => {
      const request = queue.shift();
      if (request === undefined) resolve();
      else thread.postMessage(request);
    };
    thread.on('message', (result: HashResult) => {
      onResult(result);
      next();
    });
    thread.on('error', (cause) => reject(hashingFailed(String(cause), cause)));
    thread.on('exit', (code) => reject(hashingFailed(`exit code ${code}`)));
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    next();
  });
}

function hashingFailed(what: string, cause?: unknown): TreeError {
  const message = `expected a hashing thread to run until its work is done, got ${what}; try again`;
  return new TreeError('hashing-failed', message, { cause });
}
