import { userInfo } from 'node:os';
import type { Operator } from './types.ts';

/** The user of a command: who may write to the state folder may do everything. */
export function localOperator(): Operator {
  return { who: `local:${userName()}`, scope: 'admin', address: undefined };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry of its own, as in some containers.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
