import type { IncomingMessage, ServerResponse } from 'node:http';

export type LivePageConfig = { readonly everyMs?: number; readonly mostReaders?: number };

/** Answers with the page again and again; resolves when the reader has left. */
export type FollowPage = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * The page for those who have it open, as server-sent events, each `data: <JSON string>`. Each is
 * the whole page, so that whoever comes back has missed nothing, and who is slow gets fewer of them.
 */
export function createLivePage(
  page: () => Promise<Buffer>,
  { everyMs = 2_000, mostReaders = 64 }: LivePageConfig = {},
): FollowPage {
  const readers = new Set<ServerResponse>();
  let timer: NodeJS.Timeout | undefined;

  const render = async (): Promise<string> => {
    return `data: ${JSON.stringify((await page()).toString())}\n\n`;
  };
  const tellAll = async (): Promise<void> => {
    const event = await render();
    for (const reader of readers) {
      if (!reader.destroyed && reader.writableLength === 0) reader.write(event);
    }
  };
  // What fails here fails for `/stats` too, which says so; they come back.
  const leaveThem = () => {
    for (const reader of readers) reader.destroy();
  };
  const admit = (reader: ServerResponse): void => {
    readers.add(reader);
    timer ??= setInterval(() => void tellAll().catch(leaveThem), everyMs).unref();
  };
  const forget = (reader: ServerResponse): void => {
    readers.delete(reader);
    if (readers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  return async (request, response) => {
    if (response.closed) return;
    if (readers.size >= mostReaders) {
      const text = `expected at most ${mostReaders} pages that are kept live, got one more\n`;
      return void response.writeHead(503, { 'Content-Type': 'text/plain' }).end(text);
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    if (request.method === 'HEAD') return void response.end();
    admit(response);
    const left = new Promise((resolve) => response.once('close', resolve));
    try {
      const event = await render();
      if (!response.destroyed) response.write(`retry: 1000\n${event}`);
      await left;
    } finally {
      forget(response);
      response.destroy();
    }
  };
}
