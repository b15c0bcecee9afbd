import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import {
  type FileFacts,
  type FileResponsePlan,
  planFileResponse,
} from '../../protocol/http-file.ts';
import type { ByteRange } from '../../protocol/http-range.ts';

/** Something small that is served from memory. */
export type Document = FileFacts & { readonly bytes: Buffer; readonly encoding?: 'gzip' };

export function createDocument(options: {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly lastModified: Date;
  readonly encoding?: 'gzip';
}): Document {
  const digest = createHash('sha256').update(options.bytes).digest('hex').slice(0, 32);
  return { ...options, sizeBytes: options.bytes.length, etag: `"${digest}"` };
}

/** Answers a GET or HEAD with a document, conditions and ranges included. */
export async function sendDocument(
  request: IncomingMessage,
  response: ServerResponse,
  document: Document,
): Promise<void> {
  const plan = planFileResponse(requestFacts(request), document);
  if (document.encoding !== undefined) response.setHeader('content-encoding', document.encoding);
  await sendPlan(response, plan, async function* ({ startByte, endByte }) {
    yield document.bytes.subarray(startByte, endByte);
  });
}

/**
 * Sends what was planned. Resolves when the last byte was handed to the system. Rejects, with the
 * connection closed so that the client sees a short body, when `read` fails or the client leaves.
 */
export async function sendPlan(
  response: ServerResponse,
  plan: FileResponsePlan,
  read: (range: ByteRange) => AsyncIterable<Buffer>,
): Promise<void> {
  const { 'content-length': length, ...others } = plan.headers;
  response.writeHead(plan.status, { ...others, ...(length && { [contentLength]: length }) });
  if (plan.parts.length === 0) response.end();
  else await pipeline(() => bodyOf(plan, read), response);
}

/** GRUB knows it by these letters only, and else waits until the connection is closed. */
const contentLength = 'Content-Length';

/** A refusal, or a short notice, as plain text in one line. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = Buffer.from(`${text}\n`);
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    [contentLength]: String(body.length),
    ...headers,
  });
  // node:http itself leaves the body of an answer to HEAD out.
  response.end(body);
}

export type Refusal = {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A refusal in the form that the path promises: JSON below `/api`, a line of text elsewhere. */
export function sendRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  { status, text, headers = {} }: Refusal,
): void {
  if (!isApiPath(request.url ?? '')) return sendText(response, status, text, headers);
  const json = { 'content-type': 'application/json; charset=utf-8' };
  sendText(response, status, JSON.stringify({ error: text }), { ...json, ...headers });
}

/** With or without a query. */
export function isApiPath(path: string): boolean {
  return /^\/api(?:[/?]|$)/.test(path);
}

export function requestFacts(request: IncomingMessage) {
  return { method: request.method ?? 'GET', headers: request.headers };
}

async function* bodyOf(
  plan: FileResponsePlan,
  read: (range: ByteRange) => AsyncIterable<Buffer>,
): AsyncIterable<Buffer> {
  for (const part of plan.parts) {
    if (part.head !== '') yield Buffer.from(part.head);
    yield* read(part);
  }
  if (plan.tail !== '') yield Buffer.from(plan.tail);
}
