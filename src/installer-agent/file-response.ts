import { contentTypeOf, planFileResponse } from '../protocol/http-file.ts';
import type { PlacedFile } from '../protocol/tree-index.ts';
import type { Exchange } from './exchange.ts';
import type { Sink, StreamRange } from './frontend-reader.ts';

export type ReadStream = (range: StreamRange, sink: Sink) => Promise<void>;

/**
 * Answers a request for a file of a tree. The headers wait for the first byte, so that a failure
 * before it can still become a proper answer. Rejects when the bytes cannot be had.
 */
export async function sendFile(
  exchange: Exchange,
  { file, offsetBytes }: PlacedFile,
  read: ReadStream,
): Promise<void> {
  const { request, response, signal } = exchange;
  const plan = planFileResponse(
    { method: request.method ?? 'GET', headers: request.headers },
    {
      sizeBytes: file.size,
      etag: `"${file.sha256.slice(0, 32)}"`,
      lastModified: new Date(file.mtimeMs),
      contentType: contentTypeOf(file.path),
    },
    { multipleRanges: true },
  );
  const write = (bytes: Buffer) => {
    signal.throwIfAborted();
    if (!response.headersSent) response.writeHead(plan.status, plan.headers);
    return exchange.write(bytes);
  };
  for (const { head, startByte, endByte } of plan.parts) {
    const range = { startByte: offsetBytes + startByte, endByte: offsetBytes + endByte };
    await read(range, { signal, write: head === '' ? write : behind(head, write) });
  }
  signal.throwIfAborted();
  if (!response.headersSent) response.writeHead(plan.status, plan.headers);
  response.end(plan.tail);
}

/** Writes the head of a part of a multipart body before its first bytes. */
function behind(head: string, write: Sink['write']): Sink['write'] {
  let isWritten = false;
  return async (bytes) => {
    if (!isWritten) await write(Buffer.from(head));
    isWritten = true;
    await write(bytes);
  };
}
