import type { ServerResponse } from 'node:http';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { TokenStore } from '../operators/token-store.ts';

/** Who reads a stream. */
export type StreamReader = {
  readonly who: string;
  /** Of the token that it came with (hex); undefined: an operator on this machine. */
  readonly tokenHash: string | undefined;
  /** When a browser has to sign in anew, in milliseconds since 1970. */
  readonly untilMs?: number | undefined;
};

/**
 * The answers of the API that stay open: so many at once, each for as long as its token is good, and
 * the session of a browser lasts.
 */
export type OpenStreams = {
  /** Undefined: it is one of them until it ends. Else why it cannot be. */
  readonly admit: (response: ServerResponse, reader: StreamReader) => string | undefined;
  /** Ends those whose time is over. */
  readonly check: () => void;
};

export type OpenStreamsConfig = {
  readonly perToken?: number;
  /** Of all tokens together; the others are for operators on this machine. */
  readonly byTokens?: number;
  readonly inAll?: number;
  /** Another process may revoke tokens. */
  readonly checkEveryMs?: number;
};

export type OpenStreamsDeps = {
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly tokens: Pick<TokenStore, 'goodHashes'>;
  readonly nowMs?: () => number;
};

export function createOpenStreams(
  { log, tokens, nowMs = Date.now }: OpenStreamsDeps,
  { perToken = 16, byTokens = 96, inAll = 128, checkEveryMs = 250 }: OpenStreamsConfig = {},
): OpenStreams {
  const open = new Map<ServerResponse, StreamReader>();
  let timer: NodeJS.Timeout | undefined;

  const withTokens = () => [...open].filter(([, { tokenHash }]) => tokenHash !== undefined);
  const check = (): void => {
    const readers = withTokens();
    const good = readers.length === 0 ? new Set<string>() : goodHashes();
    for (const [response, { who, tokenHash = '', untilMs = Infinity }] of readers) {
      const isOver = untilMs <= nowMs();
      if (!isOver && good.has(tokenHash)) continue;
      const reason = isOver ? 'its session has ended' : 'its token has ended';
      log.info('stream ended', { token: who.replace(/^token:/, ''), reason });
      open.delete(response);
      cut(response);
    }
  };
  /** What cannot be looked at is good for nothing: whoever it is may come back. */
  const goodHashes = (): ReadonlySet<string> => {
    try {
      return tokens.goodHashes();
    } catch (error) {
      log.warn('tokens not read', { reason: messageOf(error) });
      return new Set();
    }
  };
  const leave = (response: ServerResponse): void => {
    open.delete(response);
    if (withTokens().length > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  const refusalOf = ({ tokenHash }: StreamReader): string | undefined => {
    const others = withTokens();
    const own = others.filter(([, each]) => each.tokenHash === tokenHash);
    if (tokenHash !== undefined && own.length >= perToken)
      return tooMany(perToken, ' of one token');
    if (tokenHash !== undefined && others.length >= byTokens)
      return tooMany(byTokens, ' of tokens');
    return open.size >= inAll ? tooMany(inAll, '') : undefined;
  };

  return {
    admit: (response, reader) => {
      const refusal = refusalOf(reader);
      if (refusal !== undefined || response.closed) return refusal;
      open.set(response, reader);
      response.once('close', () => leave(response));
      if (reader.tokenHash !== undefined) timer ??= setInterval(check, checkEveryMs).unref();
      return undefined;
    },
    check,
  };
}

/** What waits to be sent is not for it any more. */
function cut(response: ServerResponse): void {
  if (response.writableLength > 0 || !response.headersSent) response.destroy();
  else response.end(': the token was revoked, or it or the session has expired\n\n');
}

function tooMany(limit: number, whose: string): string {
  return `expected at most ${limit} open event streams${whose}, got one more; close some, or come back`;
}
