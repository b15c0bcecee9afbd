import { existsSync } from 'node:fs';
import { type Database, openDatabase } from '../../runtime/database.ts';
import { type AuditDocument, auditDocumentOf } from '../audit/documents.ts';
import { type AuditQuery, readAudit } from '../audit/rows.ts';
import { databasePath } from '../nodes/records.ts';
import { migrations } from '../nodes/schema.ts';
import { type TokenDocument, tokenDocumentOf } from './documents.ts';
import { localOperator } from './local-operator.ts';
import { operatorScopes, readOperatorScope } from './scopes.ts';
import { parseExpiryMs } from './token-form.ts';
import { createTokenStore, type TokenStore } from './token-store.ts';

export type NewTokenWords = {
  readonly name: string;
  readonly scope: string;
  /** `30d`; undefined: it does not expire. */
  readonly expires: string | undefined;
};

/**
 * The tokens of a state folder, and what operators have changed there, whether its frontend runs or
 * not: it looks at its tokens at each request. All of it throws OperatorError or DatabaseError.
 */
export type OperatorsOfState = {
  readonly create: (words: NewTokenWords) => {
    readonly token: TokenDocument;
    /** The token itself: it is told here and never again. */
    readonly secret: string;
  };
  readonly list: () => readonly TokenDocument[];
  /** All of them or, when a name is not known, none. */
  readonly revoke: (names: readonly string[]) => readonly TokenDocument[];
  /** The newest last. */
  readonly audit: (query: AuditQuery) => readonly AuditDocument[];
  readonly scopes: readonly string[];
};

export function createOperators({ state }: { readonly state: string }): OperatorsOfState {
  const tokens = <Result>(path: string, work: (store: TokenStore) => Result): Result =>
    using(path, (database) => work(createTokenStore({ database })));
  return {
    create: ({ name, scope, expires }) => {
      const order = {
        name,
        scope: readOperatorScope(scope),
        expiresInMs: expires === undefined ? undefined : parseExpiryMs(expires),
      };
      return tokens(databasePath(state), (store) => {
        const { secret, ...token } = store.create(order, localOperator());
        return { token: tokenDocumentOf(token), secret };
      });
    },
    list: () => tokens(readPath(state), (store) => store.list().map(tokenDocumentOf)),
    revoke: (names) =>
      tokens(databasePath(state), (store) =>
        store.revokeAll(names, localOperator()).map(tokenDocumentOf),
      ),
    audit: (query) =>
      using(readPath(state), (database) =>
        readAudit(database, query).map(auditDocumentOf).toReversed(),
      ),
    scopes: operatorScopes,
  };
}

/** To look is no reason to make a state folder. */
function readPath(state: string): string {
  const path = databasePath(state);
  return existsSync(path) ? path : ':memory:';
}

function using<Result>(path: string, work: (database: Database) => Result): Result {
  const database = openDatabase({ path, migrations, isDurable: true, waitMs: 2_000 });
  try {
    return work(database);
  } finally {
    database.close();
  }
}
