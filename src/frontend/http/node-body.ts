import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../runtime/errors.ts';
import { NodesError } from '../nodes/errors.ts';
import { readBody } from './read-body.ts';

const longestBodyBytes = 1024 * 1024;

/** The JSON that came with a request. Rejects with NodesError `bad-type`, `too-long` or `bad-request`. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  // Pages of other sites that a browser on this machine shows cannot send this type.
  const type = request.headers['content-type'] ?? 'none';
  if (!/^application\/json(?:;|$)/i.test(type)) {
    const message = `expected content-type application/json, got ${type.slice(0, 64)}`;
    throw new NodesError('bad-type', message);
  }
  const body = await readBody(request, longestBodyBytes);
  if (body === 'too-long') {
    const message = `expected a body of at most ${longestBodyBytes} bytes, got more`;
    throw new NodesError('too-long', message);
  }
  return parseJson(body);
}

/** Throws NodesError `bad-request`. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new NodesError('bad-request', `expected JSON, got: ${messageOf(error)}`);
  }
}
