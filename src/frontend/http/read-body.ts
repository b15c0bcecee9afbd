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

/**
 * How a body begins and how it ends, however long it is. What is left out before the tail ends with
 * a line's end where there is one: no word is cut in two.
 */
export async function readBodyEnds(
  request: AsyncIterable<Buffer>,
  { headBytes, tailBytes }: { readonly headBytes: number; readonly tailBytes: number },
): Promise<{ readonly head: Buffer; readonly tail: Buffer }> {
  let head: Buffer = Buffer.alloc(0);
  // Twice as much: bytes are moved once, however small the parts are that they come in.
  const kept = Buffer.alloc(2 * tailBytes);
  let keptBytes = 0;
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += chunk.length;
    const missingBytes = headBytes - head.length;
    if (missingBytes > 0) head = Buffer.concat([head, chunk.subarray(0, missingBytes)]);
    const part = chunk.subarray(-tailBytes);
    if (keptBytes + part.length > kept.length) {
      kept.copyWithin(0, keptBytes - tailBytes, keptBytes);
      keptBytes = tailBytes;
    }
    kept.set(part, keptBytes);
    keptBytes += part.length;
  }
  const tail = kept.subarray(Math.max(0, keptBytes - tailBytes), keptBytes);
  return { head, tail: sizeBytes > tailBytes ? tail.subarray(tail.indexOf('\n') + 1) : tail };
}
