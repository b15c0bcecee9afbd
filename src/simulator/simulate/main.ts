import { planSimulation } from './check-options.ts';
import type { SimulateOptions } from './options.ts';
import { createSimulateView } from './progress-view.ts';
import { renderFigures } from './report.ts';
import { runInThread } from './thread/run-in-thread.ts';

/**
 * `scree simulate`: what a rack would do, by the swarm's own code on modelled machines and links.
 * Writes to stdout, and how far it has come to stderr. Throws SimulateError: `bad-options` before
 * anything is done.
 */
export async function runSimulate(
  wanted: Partial<SimulateOptions>,
  { json }: { readonly json: boolean },
): Promise<void> {
  const options = planSimulation(wanted);
  const view = createSimulateView(process.stderr);
  try {
    const figures = await runInThread(options, view.show);
    view.close();
    process.stdout.write(json ? `${JSON.stringify(figures)}\n` : renderFigures(figures));
  } finally {
    view.close();
  }
}
