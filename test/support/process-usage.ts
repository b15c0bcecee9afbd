import { readFileSync } from 'node:fs';

export type ProcessUsage = {
  /** User and system time of the process, its threads and its reaped children. */
  readonly cpuSeconds: number;
  /** The most that was resident at once (VmHWM), without children. */
  readonly peakMemoryBytes: number;
};

/** What a living process has used so far (proc(5)), or undefined when it is gone. */
export function readProcessUsage(pid: number): ProcessUsage | undefined {
  try {
    return {
      cpuSeconds: parseCpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8')),
      peakMemoryBytes: parsePeakMemoryBytes(readFileSync(`/proc/${pid}/status`, 'utf8')),
    };
  } catch {
    return undefined;
  }
}

// USER_HZ, which Linux keeps at 100 for everything that it shows to programs.
const ticksPerSecond = 100;

/** utime + stime + cutime + cstime of `/proc/<pid>/stat`. */
export function parseCpuSeconds(stat: string): number {
  // The name in brackets may hold spaces and brackets; the third field follows the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / ticksPerSecond;
}

/** VmHWM of `/proc/<pid>/status`; 0 for a process that has ended and is not reaped yet. */
export function parsePeakMemoryBytes(status: string): number {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(status);
  return Number(match?.[1] ?? 0) * 1024;
}
