import type { OperatorScope, OperatorToken } from './types.ts';

/** The JSON form of a token: of the API, and of `--json`. */
export type TokenDocument = {
  readonly name: string;
  readonly scope: OperatorScope;
  readonly createdAtMs: number;
  /** Null: never. */
  readonly expiresAtMs: number | null;
  readonly lastUsedAtMs: number | null;
};

export function tokenDocumentOf(token: OperatorToken): TokenDocument {
  const { name, scope, createdAtMs, expiresAtMs = null, lastUsedAtMs = null } = token;
  return { name, scope, createdAtMs, expiresAtMs, lastUsedAtMs };
}
