import { setTimeout as delay } from 'node:timers/promises';
import { loadBetween, readMachineTime } from './machine-load.ts';

const quietLoad = 0.25;

/** Waits for others to finish what they do on this machine, but not for ever. */
export async function waitUntilQuiet(
  longestSeconds: number,
  progress: (line: string) => void,
): Promise<void> {
  const deadlineMs = performance.now() + longestSeconds * 1000;
  for (let isTold = false; performance.now() < deadlineMs; isTold = true) {
    const before = readMachineTime();
    await delay(2_000);
    const load = loadBetween(before, readMachineTime());
    if (load <= quietLoad) return;
    if (!isTold) progress(`waiting for a quiet machine (${load.toFixed(2)} of it is in use)`);
  }
}
