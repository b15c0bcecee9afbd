import { nearestWord } from '../nearest-word.ts';
import { OperatorError } from './errors.ts';
import type { OperatorScope } from './types.ts';

/** Each may do what those before it may. */
export const operatorScopes = ['read', 'boot', 'admin'] as const satisfies readonly OperatorScope[];

export function covers(has: OperatorScope, needed: OperatorScope): boolean {
  return operatorScopes.indexOf(has) >= operatorScopes.indexOf(needed);
}

/** Throws OperatorError `bad-scope`. */
export function readOperatorScope(text: string): OperatorScope {
  const scope = operatorScopes.find((each) => each === text);
  if (scope !== undefined) return scope;
  const near = nearestWord(text, operatorScopes);
  const hint = near === undefined ? '' : `; did you mean '${near}'?`;
  const message = `expected a scope (${operatorScopes.join(', ')}), got '${text.slice(0, 64)}'`;
  throw new OperatorError('bad-scope', `${message}${hint}`);
}
