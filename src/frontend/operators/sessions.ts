import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { hasExpired, type TokenStore } from './token-store.ts';
import type { OperatorToken } from './types.ts';

/** Of whom a browser has signed in. */
export type Session = {
  readonly token: OperatorToken;
  /** Hex. */
  readonly tokenHash: string;
  /** When it ends, in milliseconds since 1970. */
  readonly untilMs: number;
};

/**
 * Browsers that have signed in with a token. What they keep is signed, and nothing is kept here, so
 * that a restart ends no session; it is good for as long as its token is, and for half a day.
 */
export type Sessions = {
  /** For `Set-Cookie`, once the token was found good. */
  readonly open: (tokenHash: string) => string;
  /** For `Set-Cookie`. */
  readonly close: () => string;
  /** Of the header `Cookie`. Throws DatabaseError. */
  readonly find: (cookies: string | undefined) => Session | undefined;
};

export type SessionsDeps = {
  readonly tokens: Pick<TokenStore, 'byHash'>;
  readonly nowMs?: () => number;
};

const name = 'scree-session';
const lastsMs = 12 * 3_600_000;
// No script of a page reads it, no request that another site begins carries it, and only the API
// gets it.
const terms = 'Path=/api/v1; HttpOnly; SameSite=Strict';
const form = new RegExp(`(?:^|;) *${name}=([\\da-f]{64})\\.(\\d{1,15})\\.([\\da-f]{64}) *(?:;|$)`);

/** `key` is the frontend's own; what sessions are signed with is made from it. */
export function createSessions(
  { tokens, nowMs = Date.now }: SessionsDeps,
  { key }: { readonly key: Uint8Array },
): Sessions {
  const own = Buffer.from(hkdfSync('sha256', key, '', 'console session', 32));
  const sign = (text: string) => createHmac('sha256', own).update(text).digest();
  return {
    open: (tokenHash) => {
      const text = `${tokenHash}.${nowMs() + lastsMs}`;
      return `${name}=${text}.${sign(text).toString('hex')}; ${terms}`;
    },
    close: () => `${name}=; Max-Age=0; ${terms}`,
    find: (cookies) => {
      const [, tokenHash, until, signature] = form.exec(cookies ?? '') ?? [];
      if (tokenHash === undefined || signature === undefined) return undefined;
      const isOurs = timingSafeEqual(sign(`${tokenHash}.${until}`), Buffer.from(signature, 'hex'));
      const untilMs = Number(until);
      if (!isOurs || untilMs <= nowMs()) return undefined;
      const token = tokens.byHash(tokenHash);
      if (token === undefined || hasExpired(token, nowMs())) return undefined;
      return { token, tokenHash, untilMs };
    },
  };
}
