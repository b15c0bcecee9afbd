import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ExecutionContext } from 'ava';
import type { RenderContext } from '../../../src/frontend/profiles/types.ts';

/**
 * Stands in for the frontend that scripts of an install call: `reply` gets each request and says
 * what is answered; undefined: 404.
 */
export async function serveCalls(
  t: ExecutionContext,
  reply: (request: IncomingMessage, body: string) => string | undefined,
): Promise<RenderContext> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const said = reply(request, await text(request));
    response.statusCode = said === undefined ? 404 : 200;
    response.end(said);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(Error(String(error))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  return {
    frontend: `127.0.0.1:${port}`,
    token: '1-a',
    urls: {
      success: `${base}/installs/1-a/success`,
      failure: `${base}/installs/1-a/failure`,
      files: `${base}/kickstart/1-a/`,
    },
  };
}
