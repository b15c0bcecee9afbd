import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../runtime/errors.ts';
import { NodesError } from '../nodes/errors.ts';

const longestBodyBytes = 1024 * 1024;

/** The JSON that came with a request. Rejects with NodesError `bad-request`. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  // Pages of other sites that a browser on this machine shows cannot send this type.
  const type = request.headers['content-type'] ?? 'none';
  if (!/^application\/json(?:;|$)/i.test(type)) {
    throw badRequest(`expected content-type application/json, got ${type.slice(0, 64)}`);
  }
  const text = (await readBytes(request)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`expected JSON, got: ${messageOf(error)}`);
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  // Destroyed, it could not be answered any more.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    sizeBytes += chunk.length;
    if (sizeBytes > longestBodyBytes) {
      throw badRequest(`expected a body of at most ${longestBodyBytes} bytes, got more`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function badRequest(message: string): NodesError {
  return new NodesError('bad-request', message);
}
