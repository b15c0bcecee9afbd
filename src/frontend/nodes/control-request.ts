import { type IncomingMessage, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { controlSocketPath } from '../control-socket.ts';
import { NodesError } from './errors.ts';

export type ControlCall = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
};

// A frontend that starts says so; with large trees that takes a moment.
const startAttempts = 60;
const startPauseMs = 500;
const silenceMs = 30_000;

/**
 * Asks the frontend of a state folder by its control socket. Resolves with its answer, whatever
 * the status, or with undefined when none runs. Rejects with NodesError `no-answer`.
 */
export async function askFrontend(
  state: string,
  call: ControlCall,
): Promise<IncomingMessage | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await tryAsk(state, call);
    if (answer?.statusCode !== 503 || attempt === startAttempts) return answer;
    answer.resume();
    await delay(startPauseMs, undefined, call.signal ? { signal: call.signal } : {});
  }
}

async function tryAsk(state: string, call: ControlCall): Promise<IncomingMessage | undefined> {
  try {
    return await send(controlSocketPath(state), call);
  } catch (cause) {
    // ENOENT and ECONNREFUSED: none runs, or it was killed; EINVAL: no socket has so long a path.
    if (hasErrorCode(cause, 'ENOENT', 'ECONNREFUSED', 'EINVAL', 'ENOTDIR')) return undefined;
    if (call.signal?.aborted) throw cause;
    if (hasErrorCode(cause, 'EACCES', 'EPERM')) throw notAllowed(state, cause);
    throw noAnswer(cause);
  }
}

function notAllowed(state: string, cause: unknown): NodesError {
  const message = `expected to be allowed to use the state folder '${state}', was not`;
  return new NodesError('no-answer', `${message}; run as its owner`, { cause });
}

/** For a connection that was lost, or an answer that makes no sense. */
export function noAnswer(cause: unknown): NodesError {
  const message = `expected an answer of the frontend that runs, got: ${messageOf(cause)}`;
  return new NodesError('no-answer', `${message}; see its log`, { cause });
}

function send(socketPath: string, call: ControlCall): Promise<IncomingMessage> {
  const { method, path, body, signal } = call;
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    'content-length': Buffer.byteLength(text),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const options = { socketPath, path, method, headers, timeout: silenceMs, agent: false };
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, ...(signal ? { signal } : {}) }, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`nothing came for ${silenceMs} ms`)));
    sent.on('error', reject);
    sent.end(text);
  });
}
