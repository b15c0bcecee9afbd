import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';

export type Reply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

/** One request on a connection of its own; the target goes out as it is. */
export async function ask(
  port: number,
  target: string,
  options: {
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly socketPath?: string;
    readonly body?: string;
    /** The client's own address, one of 127.0.0.0/8. */
    readonly from?: string;
  } = {},
): Promise<Reply> {
  const { method = 'GET', headers = {}, socketPath, from } = options;
  const where =
    socketPath === undefined ? { host: '127.0.0.1', port, localAddress: from } : { socketPath };
  const outgoing = request({ ...where, path: target, method, headers, agent: false });
  outgoing.end(options.body);
  const [incoming] = await once(outgoing, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return { status: incoming.statusCode, headers: incoming.headers, body: Buffer.concat(chunks) };
}

/** Sends bytes as they are and resolves with all that comes back until the server closes the connection. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes);
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk;
  });
  await once(socket, 'close');
  return answer;
}
