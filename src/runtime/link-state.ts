import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `up`: frames go in and out; `no-carrier`: no cable, or nothing at its other end; `down`: switched
 * off here; undefined: no interface of this name.
 */
export type LinkState = 'up' | 'no-carrier' | 'down';

const upFlag = 1;

/** What Linux says of a network interface in `/sys/class/net`. */
export function linkState(name: string, folder = '/sys/class/net'): LinkState | undefined {
  const flags = readAttribute(join(folder, name, 'flags'));
  if (flags === undefined) return undefined;
  if ((Number(flags) & upFlag) === 0) return 'down';
  return readAttribute(join(folder, name, 'carrier')) === '0' ? 'no-carrier' : 'up';
}

function readAttribute(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // There is no carrier to be read where the interface is down.
    return undefined;
  }
}
