import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { AgentError } from './errors.ts';
import type { FrontendLink } from './frontend-link.ts';

const gunzip = promisify(gunzipCallback);

export type DocumentRequest = {
  readonly path: string;
  /** Of the document as it is, not as it is sent. */
  readonly maximumBytes: number;
  readonly reconnectMs: number;
  readonly silenceMs: number;
  readonly signal: AbortSignal;
};

/**
 * Fetches a whole document from the frontend. Resolves undefined when it has none (404, 410).
 * Throws AgentError `unreachable`, `stalled`, `refused` (another status) or `cut`.
 */
export async function fetchDocument(
  link: FrontendLink,
  request: DocumentRequest,
): Promise<Buffer | undefined> {
  const { path, maximumBytes } = request;
  const response = await link.ask({
    ...request,
    method: 'GET',
    headers: ['Host', link.url.host, 'Accept-Encoding', 'gzip'],
  });
  const body = await readBody(response, maximumBytes);
  const status = response.statusCode ?? 0;
  if (status === 404 || status === 410) return undefined;
  if (status !== 200) throw new AgentError('refused', `expected ${path}, got status ${status}`);
  if (response.headers['content-encoding'] !== 'gzip') return body;
  try {
    return await gunzip(body, { maxOutputLength: maximumBytes });
  } catch (cause) {
    throw new AgentError('cut', `expected ${path} in gzip form of at most ${maximumBytes} bytes`, {
      cause,
    });
  }
}

/** The body of an answer. Throws AgentError: `refused` when it is longer, `cut` when it breaks off. */
export async function readBody(response: IncomingMessage, maximumBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > maximumBytes) {
        throw new AgentError('refused', `expected at most ${maximumBytes} bytes, got more`);
      }
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof AgentError) throw cause;
    throw new AgentError('cut', `expected a whole answer, got ${sizeBytes} bytes of it`, { cause });
  }
  return Buffer.concat(chunks, sizeBytes);
}
