import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';

const chunk = Buffer.alloc(1024 * 1024);

/**
 * Memory that a virtual machine has never used, or has given back, costs its host ten times as much
 * at the first touch as memory it has in hand; a run that begins in the one and ends in the other
 * measures that. This takes so much in hand, in a file of `folder` (which lies in memory), until
 * `release`. Does nothing where not twice as much is free.
 */
export function warmMemory(folder: string, sizeBytes: number): { readonly release: () => void } {
  if (freemem() < 2 * sizeBytes) return { release: () => {} };
  const path = join(folder, 'warm-memory');
  const descriptor = openSync(path, 'w');
  for (let at = 0; at < sizeBytes; at += chunk.length) writeSync(descriptor, chunk);
  closeSync(descriptor);
  return { release: () => rmSync(path, { force: true }) };
}
