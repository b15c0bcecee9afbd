import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SimulateFigures } from '../../src/simulator/simulate/figures.ts';
import type { SimulateOptions } from '../../src/simulator/simulate/options.ts';
import { BenchError } from '../support/bench-error.ts';
import type { Options } from './options.ts';

/** What one simulation took of this machine; times depend on what else that does. */
export type Cost = {
  readonly elapsedSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
};

export type Run = {
  readonly settings: Partial<SimulateOptions>;
  readonly figures: SimulateFigures;
  readonly cost: Cost;
};

const program = join(import.meta.dirname, 'one-run.ts');
/** The collector goes through the young heap seldom: it is most of what there is. */
const youngMegabytes = 64;

export function planSettings(options: Options): Partial<SimulateOptions>[] {
  const { nodeBytesPerSecond, treeBytes, files, rackSize, seed } = options;
  return options.nodes.flatMap((nodes) =>
    options.frontendBytesPerSecond.map((frontendBytesPerSecond) => ({
      ...{ nodes, frontendBytesPerSecond, nodeBytesPerSecond, treeBytes, files, rackSize, seed },
    })),
  );
}

/** Throws BenchError `client-failed` with the last line of what it said. */
export async function runSimulation(
  settings: Partial<SimulateOptions>,
  heapMegabytes: number,
): Promise<Run> {
  const flags = [
    `--max-semi-space-size=${youngMegabytes}`,
    `--max-old-space-size=${heapMegabytes}`,
  ];
  try {
    const args = [...flags, program, JSON.stringify(settings)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return { settings, ...JSON.parse(stdout) };
  } catch (cause) {
    throw new BenchError(
      'client-failed',
      `expected ${settings.nodes} nodes to be simulated: ${cause}`,
      {
        cause,
      },
    );
  }
}
