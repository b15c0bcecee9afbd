import { timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import { type Database, DatabaseError, type DatabaseRow } from '../../runtime/database.ts';
import { recordAudit } from '../audit/rows.ts';
import { OperatorError } from './errors.ts';
import { hashToken, makeToken, readExpiryMs, readTokenName } from './token-form.ts';
import type { Operator, OperatorScope, OperatorToken } from './types.ts';

export type TokenOrder = {
  readonly name: string;
  readonly scope: OperatorScope;
  /** Undefined: it does not expire. */
  readonly expiresInMs: number | undefined;
};

/** The tokens of a state folder, as they are in the database at each call. Throws DatabaseError. */
export type TokenStore = {
  /** The token itself is known now and never again. Throws OperatorError. */
  readonly create: (order: TokenOrder, by: Operator) => OperatorToken & { readonly secret: string };
  /** By name; those that have expired, too. */
  readonly list: () => readonly OperatorToken[];
  /**
   * They are good for nothing when the call returns: all of them, or with OperatorError `unknown`
   * none.
   */
  readonly revokeAll: (names: readonly string[], by: Operator) => readonly OperatorToken[];
  /** Whose token it is, or was, if it has expired. */
  readonly find: (secret: string) => OperatorToken | undefined;
  /** The same, by the hash (hex). */
  readonly byHash: (hash: string) => OperatorToken | undefined;
  /** The hashes (hex) of those that have not expired. */
  readonly goodHashes: () => ReadonlySet<string>;
  /** Notes that it was used, at most once a minute. */
  readonly used: (token: OperatorToken) => void;
};

export type TokenStoreDeps = {
  readonly database: Database;
  /** The same, but without waiting for the disk. */
  readonly hasty?: Database;
  readonly nowMs?: () => number;
};

const mostTokens = 256;
const usedEveryMs = 60_000;

const rowSchema = v.object({
  name: v.string(),
  scope: v.picklist(['read', 'boot', 'admin']),
  hash: v.pipe(v.string(), v.regex(/^[\da-f]{64}$/)),
  created_at_ms: v.number(),
  expires_at_ms: v.nullable(v.number()),
  last_used_at_ms: v.nullable(v.number()),
});

const insert = `
  INSERT INTO operator_tokens (name, scope, hash, created_at_ms, expires_at_ms)
  VALUES (?, ?, ?, ?, ?)`;
const noteUse = 'UPDATE operator_tokens SET last_used_at_ms = ? WHERE name = ?';

/** The database is that of the nodes: see openNodeRecords. */
export function createTokenStore({
  database,
  hasty = database,
  nowMs = Date.now,
}: TokenStoreDeps): TokenStore {
  const rows = () => database.all('SELECT * FROM operator_tokens ORDER BY name').map(rowFrom);
  return {
    create: (order, by) => {
      const token = newToken(order, nowMs());
      const { name, scope, createdAtMs, expiresAtMs = null } = token;
      const secret = makeToken();
      const hash = hashToken(secret).toString('hex');
      const expires = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
      const entry = { by, action: 'token create', targets: [name], detail: { scope, expires } };
      database.transaction(() => {
        expectRoom(rows(), name);
        database.run(insert, name, scope, hash, createdAtMs, expiresAtMs);
        recordAudit(database, entry, createdAtMs);
      });
      return { ...token, secret };
    },
    list: () => rows().map(({ token }) => token),
    revokeAll: (names, by) =>
      database.transaction(() => {
        const known = new Map(rows().map(({ token }) => [token.name, token]));
        const tokens = [...new Set(names)].map((name) => known.get(name) ?? throwUnknown(name));
        for (const { name } of tokens) {
          database.run('DELETE FROM operator_tokens WHERE name = ?', name);
        }
        const targets = tokens.map(({ name }) => name);
        recordAudit(database, { by, action: 'token revoke', targets, detail: {} }, nowMs());
        return tokens;
      }),
    find: (secret) => findByHash(rows(), hashToken(secret)),
    byHash: (hash) => findByHash(rows(), Buffer.from(hash, 'hex')),
    goodHashes: () => {
      const good = rows().filter(({ token }) => !hasExpired(token, nowMs()));
      return new Set(good.map(({ hash }) => hash.toString('hex')));
    },
    used: ({ name, lastUsedAtMs = 0 }) => {
      const atMs = nowMs();
      if (atMs - lastUsedAtMs >= usedEveryMs) hasty.run(noteUse, atMs, name);
    },
  };
}

/** True from the moment on at which it expires. */
export function hasExpired({ expiresAtMs }: OperatorToken, nowMs: number): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs;
}

function newToken({ name, scope, expiresInMs }: TokenOrder, createdAtMs: number): OperatorToken {
  return {
    name: readTokenName(name),
    scope,
    createdAtMs,
    expiresAtMs: expiresInMs === undefined ? undefined : createdAtMs + readExpiryMs(expiresInMs),
    lastUsedAtMs: undefined,
  };
}

/** All are looked at: it takes as long whether there is such a token or not. */
function findByHash(rows: readonly Row[], given: Buffer): OperatorToken | undefined {
  return rows.filter(({ hash }) => timingSafeEqual(hash, given))[0]?.token;
}

type Row = { readonly hash: Buffer; readonly token: OperatorToken };

function expectRoom(rows: readonly Row[], name: string): void {
  if (rows.some(({ token }) => token.name === name)) {
    const message = `expected a name that no token has, got '${name}'`;
    throw new OperatorError('taken', `${message}; 'scree token revoke ${name}' makes it free`);
  }
  if (rows.length < mostTokens) return;
  const message = `expected at most ${mostTokens} tokens, got one more`;
  throw new OperatorError('too-many', `${message}; revoke those that nobody needs`);
}

function throwUnknown(name: string): never {
  // Somebody may have given the token itself.
  const shown = name.includes('scree_') ? 'a token itself' : `'${name.slice(0, 64)}'`;
  const message = `expected the name of a token, got ${shown}`;
  throw new OperatorError('unknown', `${message}; see 'scree token list'`);
}

function rowFrom(row: DatabaseRow): Row {
  const result = v.safeParse(rowSchema, row);
  if (!result.success) {
    const message = `expected a token in the database, got: ${result.issues[0].message}`;
    throw new DatabaseError('unusable', `${message}; was it written by something else?`);
  }
  const { name, scope, hash, created_at_ms, expires_at_ms, last_used_at_ms } = result.output;
  return {
    hash: Buffer.from(hash, 'hex'),
    token: {
      name,
      scope,
      createdAtMs: created_at_ms,
      expiresAtMs: expires_at_ms ?? undefined,
      lastUsedAtMs: last_used_at_ms ?? undefined,
    },
  };
}
