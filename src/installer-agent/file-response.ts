import { contentTypeOf, type FileResponsePlan, planFileResponse } from '../protocol/http-file.ts';
import type { PlacedFile } from '../protocol/tree-index.ts';
import type { Exchange } from './exchange.ts';
import type { StreamRange } from './frontend-reader.ts';

export type ReadStream = (range: StreamRange) => AsyncIterable<Buffer>;

/**
 * Answers a request for a file of a tree. The headers wait for the first byte, so that a failure
 * before it can still become a proper answer. Rejects when the bytes cannot be had.
 */
export async function sendFile(
  exchange: Exchange,
  { file, offsetBytes }: PlacedFile,
  read: ReadStream,
): Promise<void> {
  const { request, response } = exchange;
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
  for await (const chunk of bodyOf(plan, offsetBytes, read)) {
    exchange.signal.throwIfAborted();
    if (!response.headersSent) response.writeHead(plan.status, plan.headers);
    await exchange.write(chunk);
  }
  exchange.signal.throwIfAborted();
  if (!response.headersSent) response.writeHead(plan.status, plan.headers);
  response.end(plan.tail);
}

async function* bodyOf(
  plan: FileResponsePlan,
  offsetBytes: number,
  read: ReadStream,
): AsyncGenerator<Buffer> {
  for (const { head, startByte, endByte } of plan.parts) {
    const range = { startByte: offsetBytes + startByte, endByte: offsetBytes + endByte };
    let isFirst = head !== '';
    for await (const chunk of read(range)) {
      if (isFirst) yield Buffer.from(head);
      isFirst = false;
      yield chunk;
    }
  }
}
