import type { IncomingMessage } from 'node:http';

/** The body of a request, or `too-long` when it is longer than so many bytes. */
export async function readBody(
  request: IncomingMessage,
  maximumBytes: number,
): Promise<Buffer | 'too-long'> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  // Destroyed, it could not be answered any more.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    sizeBytes += chunk.length;
    if (sizeBytes > maximumBytes) return 'too-long';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
