import { once } from 'node:events';
import type { Exchange } from './install-handler.ts';

// Connections that are silent for two minutes are closed, by us and by what lies between.
const heartbeatMs = 15_000;
const mostUnsentBytes = 1024 * 1024;

/** Server-sent events on one connection. */
export type ServerSent = {
  readonly send: (value: unknown) => void;
  /** Nothing more will come. */
  readonly end: () => void;
};

/**
 * Answers with server-sent events, each `data: <JSON>`. `begin` says who will send them, and
 * returns what ends that. Resolves when the client has left, was too slow, or nothing more comes.
 */
export async function sendServerSent(
  { response }: Exchange,
  begin: (events: ServerSent) => () => void,
): Promise<void> {
  if (response.destroyed) return;
  const write = (line: string): void => {
    if (response.destroyed || response.writableEnded) return;
    if (!response.headersSent) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    }
    response.write(`${line}\n\n`);
    if (response.writableLength > mostUnsentBytes) response.destroy();
  };
  const stop = begin({
    send: (value) => write(`data: ${JSON.stringify(value)}`),
    end: () => void response.end(),
  });
  // One that takes nothing is not to be kept alive by what it does not take.
  const heart = setInterval(() => {
    if (response.writableLength === 0) write(': still here');
  }, heartbeatMs);
  try {
    await once(response, 'close');
  } catch {
    // A connection that broke is a client that has left.
  } finally {
    clearInterval(heart);
    stop();
  }
}
