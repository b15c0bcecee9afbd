import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { RackProcess } from '../../test/support/rack-process.ts';
import { BenchError } from '../support/bench-error.ts';

const longestMs = 30_000;

/** Waits for a program that does not say so itself to hear a UDP port in its namespace. */
export async function waitForUdpPort(program: RackProcess, port: number): Promise<RackProcess> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  const deadlineMs = performance.now() + longestMs;
  while (performance.now() < deadlineMs) {
    const table = await readFile(`/proc/${program.pid}/net/udp`, 'utf8').catch(() => '');
    if (table.includes(wanted)) return program;
    await delay(50);
  }
  const last = program.stderr.lines().slice(-3).join(' | ');
  throw new BenchError('too-slow', `expected ${program.title} to hear port ${port}: ${last}`);
}
