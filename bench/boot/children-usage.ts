import { readFileSync } from 'node:fs';
import { readProcessUsage } from '../../test/support/process-usage.ts';

export type ChildrenUsage = {
  /** CPU of all children that there were since the start, as it was at most 0.1 s before each end. */
  readonly stop: () => number;
};

const everyMs = 100;

/** For a server that has a process for each client and forgets it: what they used is told nobody. */
export function watchChildren(pid: number): ChildrenUsage {
  const seconds = new Map<number, number>();
  const look = (): void => {
    for (const child of listChildren(pid)) {
      const usage = readProcessUsage(child);
      if (usage !== undefined) seconds.set(child, usage.cpuSeconds);
    }
  };
  look();
  const timer = setInterval(look, everyMs).unref();
  return {
    stop: () => {
      look();
      clearInterval(timer);
      return [...seconds.values()].reduce((sum, each) => sum + each, 0);
    },
  };
}

/** Of its main thread (proc(5)). */
function listChildren(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
