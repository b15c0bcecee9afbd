import { messageOf } from '../../runtime/errors.ts';
import type { Exchange } from '../exchange.ts';

/** Clients, and the watchdog of their connection, wait long for bytes, but not for ever. */
const heartbeatMs = 3_000;

/**
 * Answers with JSON when it is there. Until then a space, which JSON may begin with, comes now and
 * then, so that nobody takes the silence for a dead agent. What the client does not wait for goes
 * on without it.
 *
 * Rejects as the work does: an answer with a status of its own can follow while nothing was sent,
 * which is so for `quietMs`. After that the reason is in the body, and the caller is to cut the
 * connection: a whole answer of 200 would say that all is well.
 */
export async function sendWhenDone(
  { response, write, signal }: Exchange,
  work: Promise<unknown>,
  { quietMs = heartbeatMs }: { readonly quietMs?: number } = {},
): Promise<void> {
  let heart: NodeJS.Timeout | undefined;
  const beat = () => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' });
    write(Buffer.from(' ')).catch(() => {});
    heart = setTimeout(beat, heartbeatMs);
  };
  heart = setTimeout(beat, quietMs);
  try {
    const body = textOf(await Promise.race([work, gone(signal)]));
    if (!response.headersSent) {
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      response.writeHead(200, { ...headers, 'cache-control': 'no-store' });
    }
    response.end(body);
  } catch (error) {
    if (response.headersSent && !signal.aborted) await write(textOf({ reason: messageOf(error) }));
    throw error;
  } finally {
    clearTimeout(heart);
  }
}

function textOf(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

function gone(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
