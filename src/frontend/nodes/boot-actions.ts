import { nearestWord } from '../nearest-word.ts';
import { NodesError } from './errors.ts';
import type { BootState } from './types.ts';

/** What every frontend can make a node boot. */
export const builtInBootActions: readonly string[] = ['os', 'install', 'rescue'];

/** Returns the action if it is defined. Throws NodesError `bad-action`. */
export function readBootAction(action: string, defined: readonly string[]): string {
  if (defined.includes(action)) return action;
  const near = nearestWord(action, defined);
  const hint = near === undefined ? '' : `; did you mean '${near}'?`;
  const message = `expected a boot action (${defined.join(', ')}), got '${action}'${hint}`;
  throw new NodesError('bad-action', message);
}

/** The state of a node whose boot action an operator has just set. */
export function nextBootState(state: BootState, action: string): BootState {
  if (action === 'install') return 'install';
  // A rescue system does not mend by itself what a failed install has left.
  return state === 'failed' && action !== 'os' ? 'failed' : 'os';
}
