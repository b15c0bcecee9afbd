import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../runtime/errors.ts';
import { NodesError } from '../nodes/errors.ts';
import { readBody } from './read-body.ts';

const longestBodyBytes = 1024 * 1024;

/** The JSON that came with a request. Rejects with NodesError `bad-request`. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  // Pages of other sites that a browser on this machine shows cannot send this type.
  const type = request.headers['content-type'] ?? 'none';
  if (!/^application\/json(?:;|$)/i.test(type)) {
    throw badRequest(`expected content-type application/json, got ${type.slice(0, 64)}`);
  }
  const body = await readBody(request, longestBodyBytes);
  if (body === 'too-long') {
    throw badRequest(`expected a body of at most ${longestBodyBytes} bytes, got more`);
  }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw badRequest(`expected JSON, got: ${messageOf(error)}`);
  }
}

function badRequest(message: string): NodesError {
  return new NodesError('bad-request', message);
}
