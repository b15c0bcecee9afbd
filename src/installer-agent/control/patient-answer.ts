import type { Exchange } from '../exchange.ts';

/** Clients, and the watchdog of their connection, wait long for bytes, but not for ever. */
const heartbeatMs = 3_000;

/**
 * Answers with JSON when it is there. Until then a space, which JSON may begin with, comes now and
 * then, so that nobody takes the silence for a dead agent. What the client does not wait for goes
 * on without it.
 */
export async function sendWhenDone(
  { response, write, signal }: Exchange,
  work: Promise<unknown>,
): Promise<void> {
  const beat = () => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' });
    write(Buffer.from(' ')).catch(() => {});
  };
  const heart = setInterval(beat, heartbeatMs);
  try {
    const body = Buffer.from(`${JSON.stringify(await Promise.race([work, gone(signal)]))}\n`);
    if (!response.headersSent) {
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      response.writeHead(200, { ...headers, 'cache-control': 'no-store' });
    }
    response.end(body);
  } finally {
    clearInterval(heart);
  }
}

function gone(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
