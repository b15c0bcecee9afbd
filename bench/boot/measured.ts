import { availableParallelism } from 'node:os';
import type { RackProcess } from '../../test/support/rack-process.ts';
import { loadBetween, readMachineTime } from '../support/machine-load.ts';
import { watchChildren } from './children-usage.ts';

export type Measured<Result> = {
  readonly result: Result;
  readonly elapsedSeconds: number;
  /** What the server used in that time. */
  readonly serverCpuSeconds: number;
  /** The shares of all cores that the machine and, of it, server and clients used. */
  readonly load: number;
  readonly ownLoad: number;
};

/** Does the work, and looks at what the server and the machine used meanwhile. */
export async function measured<Result extends { readonly cpuSeconds: number }>(
  server: RackProcess,
  work: () => Promise<Result>,
): Promise<Measured<Result>> {
  const machine = readMachineTime();
  const before = server.usage().cpuSeconds;
  const children = watchChildren(server.pid);
  const startMs = performance.now();
  const result = await work();
  const elapsedSeconds = (performance.now() - startMs) / 1000;
  const serverCpuSeconds = server.usage().cpuSeconds - before + children.stop();
  const coreSeconds = elapsedSeconds * availableParallelism();
  return {
    result,
    elapsedSeconds,
    serverCpuSeconds,
    load: loadBetween(machine, readMachineTime()),
    ownLoad: (serverCpuSeconds + result.cpuSeconds) / coreSeconds,
  };
}
