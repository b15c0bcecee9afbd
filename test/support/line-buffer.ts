import type { Readable } from 'node:stream';

/** What a program has printed: its last lines, and a way to wait for one. */
export type LineBuffer = {
  readonly lines: () => readonly string[];
  /** Resolves with the first line, printed already or still to come, that matches. */
  readonly find: (pattern: RegExp) => Promise<string>;
};

const keptLines = 4_000;
const longestLine = 64 * 1024;

/** Reads a stream to its end, whoever listens, and keeps the last 4,000 lines. */
export function createLineBuffer(stream: Readable): LineBuffer {
  const lines: string[] = [];
  const waiting = new Set<(line: string) => void>();
  let rest = '';

  const take = (line: string): void => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    for (const look of waiting) look(line);
  };
  stream.setEncoding('utf8');
  stream.on('error', () => {});
  stream.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = (parts.pop() ?? '').slice(-longestLine);
    for (const line of parts) take(line);
  });
  stream.on('end', () => {
    if (rest !== '') take(rest);
    rest = '';
  });

  const find = (pattern: RegExp): Promise<string> => {
    const found = lines.find((line) => pattern.test(line));
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve) => {
      const look = (line: string): void => {
        if (!pattern.test(line)) return;
        waiting.delete(look);
        resolve(line);
      };
      waiting.add(look);
    });
  };
  return { lines: () => lines, find };
}
