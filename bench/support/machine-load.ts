import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** The machine's CPU time so far, all cores together, in the kernel's ticks. */
export type MachineTime = { readonly busyTicks: number; readonly totalTicks: number };

/** Reads `/proc/stat` (proc(5)). Time that the hypervisor took away counts as busy. */
export function readMachineTime(text = readFileSync('/proc/stat', 'utf8')): MachineTime {
  const line = text.split('\n').find((each) => each.startsWith('cpu ')) ?? '';
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const totalTicks = ticks.reduce((sum, value) => sum + value, 0);
  const [, , , idle = 0, waiting = 0] = ticks;
  return { busyTicks: totalTicks - idle - waiting, totalTicks };
}

/** The share of all cores that was used between two moments, 0 to 1. */
export function loadBetween(from: MachineTime, to: MachineTime): number {
  const total = to.totalTicks - from.totalTicks;
  return total <= 0 ? 0 : (to.busyTicks - from.busyTicks) / total;
}

export function describeMachine(): string {
  const memory = /^MemTotal:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  const gib = (Number(memory ?? 0) / 2 ** 20).toFixed(0);
  const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
  return `${availableParallelism()} cores, ${gib} GiB of memory, Linux ${kernel}`;
}
