import { join } from 'node:path';
import * as v from 'valibot';
import type { NeededFile } from '../support/programs.ts';
import type { Stage } from './stage.ts';

export const python: NeededFile = { file: '/usr/bin/python3', debianPackage: 'python3' };

const spreadSeconds = 1;
const script = join(import.meta.dirname, 'firmware.py');
const resultSchema = v.object({
  bound: v.number(),
  lastBoundSeconds: v.number(),
  resent: v.number(),
});

/** Machines that are powered on within a second, on the server's own wire, and ask as PXE does. */
export async function runFirmware(
  { clients }: Pick<Stage, 'clients'>,
  { machines, limitSeconds }: { readonly machines: number; readonly limitSeconds: number },
) {
  const numbers = [machines, spreadSeconds, limitSeconds].map(String);
  // Debian's own interpreter, as for the other benchmarks.
  const program = clients.start([python.file, script, 'eth0', ...numbers]);
  const line = await program.waitForLine(/^\{.*\}$/, (limitSeconds + 30) * 1000);
  const { bound, lastBoundSeconds, resent } = v.parse(resultSchema, JSON.parse(line));
  const { cpuSeconds } = program.usage();
  return { boundCount: bound, lastBoundSeconds, resentCount: resent, cpuSeconds };
}
