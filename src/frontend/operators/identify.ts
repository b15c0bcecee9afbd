import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { peerUser } from '../../runtime/peer-user.ts';
import { normalizeAddress } from '../../tracker/address.ts';
import { FailedAttempts } from './attempts.ts';
import { isOwnHost } from './own-host.ts';
import { isOfOwnPage } from './own-page.ts';
import { covers } from './scopes.ts';
import type { Sessions } from './sessions.ts';
import { hashToken, readAuthorization } from './token-form.ts';
import { hasExpired, type TokenStore } from './token-store.ts';
import type { Operator, OperatorToken } from './types.ts';

export type Identified =
  | {
      readonly kind: 'operator';
      readonly operator: Operator;
      /** Of the token (hex), for what lasts longer than the request; none: on this machine. */
      readonly tokenHash?: string;
      /** When a browser has to sign in anew. */
      readonly untilMs?: number;
    }
  | {
      readonly kind: 'refused';
      readonly status: 401 | 403 | 429;
      readonly code: 'no-token' | 'bad-token' | 'expired' | 'other-site' | 'too-many-attempts';
      readonly text: string;
      readonly retryAfterSeconds?: number;
    };

export type Identify = (request: IncomingMessage) => Identified;

export type IdentifyDeps = {
  readonly log: Pick<Log, 'warn'>;
  readonly tokens: Pick<TokenStore, 'find' | 'used'>;
  /** Browsers that have signed in; none unless given. */
  readonly sessions?: Pick<Sessions, 'find'>;
  /** True for a request from this machine, or by the control socket. */
  readonly isLocal: (request: IncomingMessage) => boolean;
  readonly nowMs?: () => number;
  readonly clockMs?: () => number;
};

const failuresPerMinute = 10;

/**
 * Tells who asks for something: by `Authorization: Bearer`, else by the cookie of a browser that has
 * signed in, else by where the request came from. A token that was given counts on this machine, too.
 * Throws DatabaseError.
 */
export function createIdentify({
  log,
  tokens,
  sessions,
  isLocal,
  nowMs = Date.now,
  clockMs = () => performance.now(),
}: IdentifyDeps): Identify {
  const failures = new FailedAttempts(clockMs, { perMinute: failuresPerMinute });

  const refuseToken = (from: string, code: 'bad-token' | 'expired', name?: string): Identified => {
    const waitMs = failures.waitMs(from);
    if (waitMs > 0) return tooMany(waitMs);
    failures.note(from);
    log.warn('token refused', { ip: from, reason: code, ...(name && { token: name }) });
    const text =
      code === 'expired'
        ? "expected a token that is still good, got one that has expired; 'scree token create' makes another"
        : "expected a token as 'scree token create' prints it, got one that is not known";
    return { kind: 'refused', status: 401, code, text };
  };
  const byToken = (secret: string | undefined, from: string): Identified => {
    // A good one is let in whatever others try from there: nobody is locked out by a neighbour.
    const token = secret === undefined ? undefined : tokens.find(secret);
    if (token === undefined) return refuseToken(from, 'bad-token');
    const { name, scope } = token;
    if (hasExpired(token, nowMs())) return refuseToken(from, 'expired', name);
    noteUse(token);
    const operator = { who: `token:${name}`, scope, address: from };
    return { kind: 'operator', operator, tokenHash: hashToken(secret ?? '').toString('hex') };
  };
  const bySession = (headers: IncomingMessage['headers'], from: string): Identified | undefined => {
    const session = sessions?.find(headers.cookie);
    if (session === undefined) return undefined;
    if (!isOfOwnPage(headers)) return otherSite;
    const { token, tokenHash, untilMs } = session;
    noteUse(token);
    const operator = { who: `token:${token.name}`, scope: token.scope, address: from };
    return { kind: 'operator', operator, tokenHash, untilMs };
  };
  const noteUse = (token: OperatorToken): void => {
    try {
      tokens.used(token);
    } catch (error) {
      log.warn('use of a token not kept', { token: token.name, reason: messageOf(error) });
    }
  };

  return (request) => {
    const { socket, headers } = request;
    const address = normalizeAddress(socket.remoteAddress);
    const given = readAuthorization(headers.authorization);
    if (given.kind !== 'none') {
      return byToken(given.kind === 'token' ? given.token : undefined, address ?? 'local');
    }
    const signedIn = bySession(headers, address ?? 'local');
    if (signedIn !== undefined) return signedIn;
    if (!isLocal(request)) return noToken;
    if (address !== undefined && isOfOtherSite(headers)) return otherSite;
    // On the control socket the system says who it is.
    const user = address === undefined ? peerUser(socket) : undefined;
    const who = user === undefined ? 'local' : `local:${user}`;
    return { kind: 'operator', operator: { who, scope: 'admin', address } };
  };
}

/** True for who may do everything, and see it. */
export function isAdmin(identified: Identified): boolean {
  return identified.kind === 'operator' && covers(identified.operator.scope, 'admin');
}

/** What a browser on this machine does for a page of somebody else is nobody's order. */
function isOfOtherSite(headers: IncomingMessage['headers']): boolean {
  return !isOfOwnPage(headers) || !isOwnHost(headers.host);
}

const noToken: Identified = {
  kind: 'refused',
  status: 401,
  code: 'no-token',
  text: "expected an operator on this machine, or a token of 'scree token create' in 'Authorization: Bearer …', got neither",
};

const otherSite: Identified = {
  kind: 'refused',
  status: 403,
  code: 'other-site',
  text: 'expected a request by the name or address of this machine, got one for a page of another site',
};

function tooMany(waitMs: number): Identified {
  return {
    kind: 'refused',
    status: 429,
    code: 'too-many-attempts',
    text: `expected at most ${failuresPerMinute} wrong tokens a minute from one address, got more`,
    retryAfterSeconds: Math.ceil(waitMs / 1000),
  };
}
