import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { SimulateError } from '../errors.ts';
import type { SimulateFigures } from '../figures.ts';
import type { SimulateOptions } from '../options.ts';
import type { SimulateProgress } from '../run.ts';
import type { ThreadMessage } from './simulation-thread.ts';

/** Of the memory that is free now. */
const memoryShare = 0.8;
/** The other programs are started with 1 MiB, to be small; here that costs half of the time. */
const youngMegabytes = 64;

/**
 * Like `simulate`, in a thread with a heap that suits it. Throws SimulateError, `no-memory` when
 * there is too little for so many nodes and pieces.
 */
export function runInThread(
  options: SimulateOptions,
  onProgress: (progress: SimulateProgress) => void,
): Promise<SimulateFigures> {
  // What the process was started with would go before the limits of the thread.
  setFlagsFromString(`--max-semi-space-size=${youngMegabytes}`);
  const megabytes = Math.floor((process.availableMemory() * memoryShare) / 2 ** 20);
  const worker = new Worker(new URL('./simulation-thread.ts', import.meta.url), {
    workerData: options,
    resourceLimits: { maxOldGenerationSizeMb: megabytes },
  });
  return new Promise((resolve, reject) => {
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'progress') return onProgress(message.progress);
      if (message.kind === 'figures') return resolve(message.figures);
      reject(new SimulateError(message.code, message.text));
    });
    worker.on('error', (error) => reject(explain(error, megabytes)));
  });
}

function explain(cause: Error, megabytes: number): Error {
  if (!('code' in cause) || cause.code !== 'ERR_WORKER_OUT_OF_MEMORY') return cause;
  const text = `expected ${megabytes} MiB of free memory to do, they did not; use fewer --nodes or --pieces`;
  return new SimulateError('no-memory', text, { cause });
}
