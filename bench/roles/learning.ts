import { setTimeout as delay } from 'node:timers/promises';
import { readOrdersOf } from '../../src/frontend/orders/orders-of-state.ts';
import { BenchError } from '../support/bench-error.ts';
import type { Role } from './roles.ts';
import { treeName } from './tree-name.ts';

// An agent tells its whole order when nothing was read for half a minute; the frontend keeps it
// within ten seconds.
const longestSeconds = 120;

/** Until the whole order of each role is in the state folder. Throws BenchError `too-slow`. */
export async function waitUntilLearnt(state: string, roles: readonly Role[]): Promise<void> {
  for (let waited = 0; waited < longestSeconds; waited += 1) {
    if (roles.every((role) => isLearnt(state, role))) return;
    await delay(1_000);
  }
  throw new BenchError(
    'too-slow',
    `expected the orders of ${roles.length} roles to be stored within ${longestSeconds} s`,
  );
}

function isLearnt(state: string, { name, paths }: Role): boolean {
  const order = readOrdersOf(state, treeName).find(({ role }) => role === name);
  return order?.isWhole === true && new Set(order.paths).isSupersetOf(new Set(paths));
}
