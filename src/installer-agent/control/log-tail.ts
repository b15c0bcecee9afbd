import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../runtime/errors.ts';

const mostLines = 200;
const longestTailBytes = 64 * 1024;

/** The last lines of a log that comes as a request's body, however long that is. */
export async function readBodyTail(request: IncomingMessage): Promise<string> {
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of request as AsyncIterable<Buffer>) {
    tail = Buffer.concat([tail, chunk]).subarray(-longestTailBytes);
    // What it was cut from is not to be kept for it.
    if (tail.byteOffset > 0) tail = Buffer.from(tail);
  }
  return lastLines(tail);
}

/** The last lines of a log's file; of one that cannot be read, why. Never throws. */
export async function readFileTail(path: string): Promise<string> {
  try {
    // Without waiting for whoever would write to a pipe.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const facts = await file.stat();
      if (!facts.isFile()) return `(expected the log in ${path}, got no file)`;
      const position = Math.max(0, facts.size - longestTailBytes);
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.alloc(longestTailBytes),
        position,
      });
      return lastLines(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (error) {
    return `(expected the log in ${path}, got ${messageOf(error)})`;
  }
}

export function lastLineOf(text: string): string | undefined {
  return text
    .split('\n')
    .findLast((line) => line.trim() !== '')
    ?.trim();
}

function lastLines(bytes: Buffer): string {
  const lines = bytes.toString('utf8').split('\n');
  while (lines.at(-1) === '') lines.pop();
  // The first of a longer log is the end of a line.
  const isCut = bytes.length >= longestTailBytes && lines.length > 1;
  const whole = isCut ? lines.slice(1) : lines;
  return whole.slice(-mostLines).join('\n');
}
