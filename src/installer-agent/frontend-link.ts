import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../runtime/errors.ts';
import { Agent, request as openRequest } from '../runtime/http.ts';
import { AgentError } from './errors.ts';

export type Ask = {
  readonly method: string;
  /** The request target, as it goes onto the wire. */
  readonly path: string;
  /** `[name, value, …]` with Host, without Connection. */
  readonly headers: readonly string[];
  readonly body?: Readable;
  /** To be said twice does no harm; else that is so for GET and HEAD. */
  readonly isRepeatable?: boolean;
  readonly signal: AbortSignal;
  /** How long a frontend that cannot be reached is tried again. */
  readonly reconnectMs: number;
  /** Silence after which an answer is given up; none: the caller watches it. */
  readonly silenceMs?: number;
};

/** The way to the frontend: a few kept connections, and patience while it restarts. */
export type FrontendLink = {
  readonly url: URL;
  /**
   * Resolves when the headers of the answer are there; any status is an answer. Throws AgentError
   * `unreachable` or `stalled`, or the reason of the signal. Aborting ends the answer's body too.
   */
  readonly ask: (ask: Ask) => Promise<IncomingMessage>;
  readonly close: () => void;
};

const retryPauseMs = 250;

export function createFrontendLink(options: {
  readonly url: URL;
  readonly connections: number;
  readonly connectMs: number;
  /** From where it is asked; undefined: from whichever address leads there. */
  readonly localAddress?: string | undefined;
}): FrontendLink {
  const { url, connections, connectMs, localAddress } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: 4 });
  const attempt = (ask: Ask) => askOnce(ask, { url, agent, connectMs, localAddress });
  return {
    url,
    ask: (ask) => askPatiently(ask, attempt),
    close: () => agent.destroy(),
  };
}

type Attempt = (ask: Ask) => Promise<IncomingMessage>;

async function askPatiently(ask: Ask, attempt: Attempt): Promise<IncomingMessage> {
  const deadlineMs = performance.now() + ask.reconnectMs;
  for (;;) {
    try {
      return await attempt(ask);
    } catch (error) {
      ask.signal.throwIfAborted();
      const mayAskAgain = error instanceof LostRequest && error.mayAskAgain;
      const leftMs = deadlineMs - performance.now();
      if (!mayAskAgain || leftMs <= 0) throw asAgentError(error);
      await sleep(Math.min(retryPauseMs, leftMs), undefined, { signal: ask.signal });
    }
  }
}

/** A request that ended without an answer. */
class LostRequest extends Error {
  readonly mayAskAgain: boolean;

  constructor(mayAskAgain: boolean, cause: Error) {
    super(cause.message, { cause });
    this.mayAskAgain = mayAskAgain;
  }
}

type Way = {
  readonly url: URL;
  readonly agent: InstanceType<typeof Agent>;
  readonly connectMs: number;
  readonly localAddress: string | undefined;
};

function askOnce(ask: Ask, { url, agent, connectMs, localAddress }: Way): Promise<IncomingMessage> {
  const isReading = ask.body === undefined && /^(GET|HEAD)$/.test(ask.method);
  const repeatable = ask.isRepeatable ?? isReading;
  return new Promise((resolve, reject) => {
    let connected = false;
    const outgoing = openRequest({
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? 80 : Number(url.port),
      method: ask.method,
      path: ask.path,
      headers: ask.headers,
      ...(localAddress === undefined ? {} : { localAddress }),
      // A kept connection may be closing; only what can be sent twice goes over one.
      agent: repeatable ? agent : false,
      signal: ask.signal,
    });
    outgoing.on('response', resolve);
    outgoing.on('error', (cause) => {
      // Nothing was sent, or it can be sent again without harm. Nonsense stays nonsense.
      const mayAskAgain = (!connected || repeatable) && !isNonsense(cause);
      reject(new LostRequest(mayAskAgain, cause));
    });
    onceConnected(outgoing, connectMs, () => {
      connected = true;
      sendBody(outgoing, ask.body);
    });
    if (ask.silenceMs !== undefined) endWhenSilent(outgoing, ask.silenceMs);
  });
}

function onceConnected(outgoing: ClientRequest, connectMs: number, then: () => void): void {
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) {
      then();
      return;
    }
    const giveUp = () => outgoing.destroy(new Error(`no connection within ${connectMs} ms`));
    const timer = setTimeout(giveUp, connectMs);
    outgoing.once('close', () => clearTimeout(timer));
    socket.once('connect', () => {
      clearTimeout(timer);
      then();
    });
  });
}

function sendBody(outgoing: ClientRequest, body: Readable | undefined): void {
  if (body === undefined) {
    outgoing.end();
    return;
  }
  // The frontend may answer before the first byte of a body is there.
  outgoing.flushHeaders();
  body.pipe(outgoing);
}

function endWhenSilent(outgoing: ClientRequest, silenceMs: number): void {
  outgoing.setTimeout(silenceMs, () => {
    const text = `expected an answer, got nothing for ${silenceMs} ms`;
    outgoing.destroy(new AgentError('stalled', text));
  });
}

function asAgentError(error: unknown): Error {
  const cause = error instanceof LostRequest ? error.cause : error;
  if (cause instanceof AgentError) return cause;
  const isAway = error instanceof LostRequest && !isNonsense(cause);
  const hint = isAway ? '; is it running?' : '';
  const text = `expected an answer from the frontend, got ${messageOf(error)}${hint}`;
  return new AgentError(isAway ? 'unreachable' : 'refused', text, { cause });
}

/** True for an answer that node:http cannot read. */
function isNonsense(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('HPE_');
}
