import type { IncomingMessage } from 'node:http';
import { installUrlPath } from '../protocol/install-path.ts';
import type { FileSpan, TreeIndex } from '../protocol/tree-index.ts';
import type { RangeFallback } from '../swarm/types.ts';
import { readBody } from './documents.ts';
import { AgentError } from './errors.ts';
import type { FrontendLink } from './frontend-link.ts';

/**
 * Ranges of a tree's stream from the frontend by HTTP, marked so that the frontend can limit how
 * many it answers at once: its 503 resolves undefined. What comes is not verified here. Throws
 * AgentError: `unreachable` or `stalled` (the frontend is away), `refused` (it has no such file
 * or fails), `cut`.
 */
export function createFallback(options: {
  readonly link: FrontendLink;
  readonly tree: { readonly name: string; readonly generation: number };
  readonly index: TreeIndex;
  /** One attempt to reach the frontend takes no longer; the swarm has its own patience. */
  readonly silenceMs: number;
}): RangeFallback {
  return {
    fetch: async (offsetBytes, lengthBytes, signal) => {
      const parts: Buffer[] = [];
      for (const span of options.index.spans(offsetBytes, lengthBytes)) {
        const part = await fetchSpan(span, options, signal);
        if (part === undefined) return undefined;
        parts.push(part);
      }
      return checkLength(Buffer.concat(parts), lengthBytes, 'the stream');
    },
  };
}

type Options = Parameters<typeof createFallback>[0];

async function fetchSpan(
  span: FileSpan,
  { link, tree, silenceMs }: Options,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const path = installUrlPath(tree.name, span.file.path, tree.generation);
  const range = `bytes=${span.startByte}-${span.endByte - 1}`;
  const response = await link.ask({
    method: 'GET',
    path,
    headers: ['Host', link.url.host, 'Range', range, 'X-Scree-Fallback', '1'],
    signal,
    reconnectMs: 0,
    silenceMs,
  });
  const status = checkStatus(response, span, path);
  if (status === 'busy') return undefined;
  const lengthBytes = span.endByte - span.startByte;
  return checkLength(await readBody(response, lengthBytes), lengthBytes, path);
}

function checkStatus(response: IncomingMessage, span: FileSpan, path: string): 'busy' | 'ok' {
  const isWhole = span.startByte === 0 && span.endByte === span.file.size;
  if (response.statusCode === 206 || (response.statusCode === 200 && isWhole)) return 'ok';
  // The connection is kept: what is left of a refusal is short.
  response.resume();
  if (response.statusCode === 503) return 'busy';
  throw new AgentError('refused', `expected a range of ${path}, got status ${response.statusCode}`);
}

function checkLength(bytes: Buffer, lengthBytes: number, what: string): Buffer {
  if (bytes.length === lengthBytes) return bytes;
  const text = `expected ${lengthBytes} bytes of ${what}, got ${bytes.length}`;
  throw new AgentError('cut', text);
}
