import { setImmediate as nextTurn } from 'node:timers/promises';
import { SimulateError } from './errors.ts';
import { collectFigures, type SimulateFigures } from './figures.ts';
import { createModelRack } from './model-rack.ts';
import type { SimulateOptions } from './options.ts';

/** How far a run has come. */
export type SimulateProgress = {
  /** Of the tree, the mean of all nodes, 0 to 1. */
  readonly done: number;
  readonly virtualSeconds: number;
  readonly nodesDone: number;
  readonly events: number;
};

const eventsPerTurn = 20_000;
const longestVirtualMs = 24 * 3600 * 1000;

/**
 * Installs a modelled rack. The same options give the same figures, digit for digit. Throws
 * SimulateError when an installer has not ended after a day of its time.
 */
export async function simulate(
  options: SimulateOptions,
  onProgress: (progress: SimulateProgress) => void = () => {},
): Promise<SimulateFigures> {
  const rack = createModelRack(options);
  const { time, nodes } = rack;
  while (rack.ended() < nodes.length) {
    for (let count = 0; count < eventsPerTurn && rack.ended() < nodes.length; count += 1) {
      if (!(await time.step()) || time.nowMs() > longestVirtualMs) {
        const text = `expected every node to end, ${rack.ended()} of ${nodes.length} did`;
        throw new SimulateError('stuck', `${text} within a day of their time`);
      }
    }
    const received = nodes.reduce((sum, node) => sum + (node.installation?.receivedBytes ?? 0), 0);
    onProgress({
      done: received / (rack.tree.metainfo.totalSizeBytes * nodes.length),
      virtualSeconds: time.nowMs() / 1000,
      nodesDone: rack.ended(),
      events: time.events,
    });
    await nextTurn();
  }
  return collectFigures(rack, options);
}
