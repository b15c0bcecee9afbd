import { DatabaseError } from '../../../runtime/database.ts';
import { AttributeError } from '../../attributes/errors.ts';
import { DiscoverError } from '../../discover/errors.ts';
import { NodesError } from '../../nodes/errors.ts';
import { OperatorError } from '../../operators/errors.ts';
import { ProfileError } from '../../profiles/errors.ts';

export type ApiRefusal = {
  readonly status: number;
  /** When the same may be asked again. */
  readonly retryAfterSeconds?: number;
  readonly body: { readonly error: string; readonly code: string };
};

const statuses = new Map<string, number>([
  ...['unknown', 'nothing-selected', 'not-set'].map((code) => [code, 404] as const),
  ...['taken', 'too-many', 'already-running', 'no-dhcp'].map((code) => [code, 409] as const),
  ...['unusable', 'newer', 'unreadable'].map((code) => [code, 500] as const),
])
  .set('too-long', 413)
  .set('bad-type', 415)
  .set('busy', 503);

/** How a mistake of the caller, or a state folder that cannot be used, is told; else undefined. */
export function apiRefusalOf(error: unknown): ApiRefusal | undefined {
  const isTold =
    error instanceof NodesError ||
    error instanceof AttributeError ||
    error instanceof OperatorError ||
    error instanceof ProfileError ||
    error instanceof DiscoverError ||
    error instanceof DatabaseError;
  if (!isTold) return undefined;
  const { message, code } = error;
  const refusal = { status: statuses.get(code) ?? 400, body: { error: message, code } };
  return refusal.status === 503 ? { ...refusal, retryAfterSeconds: 1 } : refusal;
}
