import { createHash, randomBytes } from 'node:crypto';
import { OperatorError } from './errors.ts';

const randomCount = 32;
const form = /^scree_[\w-]{43}$/;
const longestName = 63;
const shortestExpiryMs = 60_000;
const longestExpiryMs = 10 * 366 * 86_400_000;
const unitsMs = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 7 * 86_400_000],
]);

/** A new token: `scree_` and 32 random bytes in base64url, so that leaked ones can be searched for. */
export function makeToken(): string {
  return `scree_${randomBytes(randomCount).toString('base64url')}`;
}

/** Nobody can guess 256 random bits, so a plain hash keeps them as safe as a slow one would. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

export type GivenToken =
  | { readonly kind: 'none' }
  /** Credentials, but no token of ours. */
  | { readonly kind: 'other' }
  | { readonly kind: 'token'; readonly token: string };

/** What `Authorization: Bearer …` holds (RFC 6750, 2.1). */
export function readAuthorization(header: string | undefined): GivenToken {
  if (header === undefined) return { kind: 'none' };
  const token = /^bearer +(\S+) *$/i.exec(header)?.[1];
  return token !== undefined && form.test(token) ? { kind: 'token', token } : { kind: 'other' };
}

/** Throws OperatorError `bad-name`. */
export function readTokenName(text: string): string {
  // Tokens that were pasted in the wrong place are not told back.
  const isToken = text.includes('scree_');
  if (/^[a-z\d][\w.-]*$/i.test(text) && text.length <= longestName && !isToken) return text;
  const shown = isToken ? 'a token' : `'${text.slice(0, 64)}'`;
  const expected = `expected a name such as grafana: letters, digits, '.', '_', '-', at most ${longestName}`;
  throw new OperatorError('bad-name', `${expected}, got ${shown}`);
}

/** Milliseconds from a text such as `30d`, `12h` or `90m`. Throws OperatorError `bad-expiry`. */
export function parseExpiryMs(text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([mhdw])$/.exec(text.trim()) ?? [];
  if (count === undefined) throw badExpiry(`'${text.slice(0, 32)}'`);
  return readExpiryMs(Number(count) * (unitsMs.get(unit) ?? 0));
}

/** Throws OperatorError `bad-expiry`. */
export function readExpiryMs(expiresInMs: number): number {
  if (expiresInMs >= shortestExpiryMs && expiresInMs <= longestExpiryMs) return expiresInMs;
  throw badExpiry(`${Math.floor(expiresInMs / 1000)} s`);
}

function badExpiry(got: string): OperatorError {
  const expected = 'expected how long a token is to be good, such as 30d, 12h or 90m';
  return new OperatorError('bad-expiry', `${expected} (1m to 10 years), got ${got}`);
}
