import { parentPort, workerData } from 'node:worker_threads';
import { SimulateError } from '../errors.ts';
import type { SimulateFigures } from '../figures.ts';
import { type SimulateProgress, simulate } from '../run.ts';

export type ThreadMessage =
  | { readonly kind: 'progress'; readonly progress: SimulateProgress }
  | { readonly kind: 'figures'; readonly figures: SimulateFigures }
  | { readonly kind: 'failed'; readonly code: SimulateError['code']; readonly text: string };

const tell = (message: ThreadMessage) => parentPort?.postMessage(message);

try {
  const figures = await simulate(workerData, (progress) => tell({ kind: 'progress', progress }));
  tell({ kind: 'figures', figures });
} catch (error) {
  if (!(error instanceof SimulateError)) throw error;
  tell({ kind: 'failed', code: error.code, text: error.message });
}
