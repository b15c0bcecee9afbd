import { nearestWord } from '../nearest-word.ts';
import { NodesError } from './errors.ts';

/** What every frontend can make a node boot. */
export const builtInBootActions: readonly string[] = ['os', 'install', 'rescue', 'debut'];

/** Those that install: to order one begins an install, with a token, an end, and no repetition. */
export const builtInInstallActions: ReadonlySet<string> = new Set(['install', 'debut']);

/** Returns the action if it is defined. Throws NodesError `bad-action`. */
export function readBootAction(action: string, defined: readonly string[]): string {
  if (defined.includes(action)) return action;
  const near = nearestWord(action, defined);
  const hint = near === undefined ? '' : `; did you mean '${near}'?`;
  const message = `expected a boot action (${defined.join(', ')}), got '${action}'${hint}`;
  throw new NodesError('bad-action', message);
}
