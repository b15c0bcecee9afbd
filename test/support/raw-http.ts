import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type RawResponse = {
  readonly status: number;
  /** Names in lower case; several of a name stay several. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
};

export type Endpoint = { readonly host: string; readonly port: number };

export async function openSocket({ host, port }: Endpoint, localAddress?: string): Promise<Socket> {
  const socket = connect({ host, port, ...(localAddress === undefined ? {} : { localAddress }) });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Sends bytes as they are and returns all that comes until the connection ends, however it does. */
export async function sendRaw(
  endpoint: Endpoint,
  bytes: string | Buffer,
  localAddress?: string,
): Promise<Buffer> {
  const socket = await openSocket(endpoint, localAddress);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(bytes);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await Promise.race([closed, sleep(20_000, undefined, { ref: false })]);
  socket.destroy();
  return Buffer.concat(chunks);
}

/**
 * Takes the responses of a connection apart. `methods` are those of the requests, in order; throws
 * when a response is not whole.
 */
export function parseResponses(bytes: Buffer, methods: readonly string[]): RawResponse[] {
  const responses: RawResponse[] = [];
  let rest = bytes;
  for (const method of methods) {
    const { response, length } = parseOne(rest, method);
    responses.push(response);
    rest = rest.subarray(length);
  }
  return responses;
}

export function headerOf(response: RawResponse, name: string): string | undefined {
  return response.headers.find(([each]) => each === name)?.[1];
}

function parseOne(
  bytes: Buffer,
  method: string,
): { readonly response: RawResponse; readonly length: number } {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) throw new Error(`expected a response, got '${bytes.toString('latin1')}'`);
  const [statusLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const bodyStart = headEnd + 4;
  if (status >= 100 && status < 200) {
    const next = parseOne(bytes.subarray(bodyStart), method);
    return { response: next.response, length: bodyStart + next.length };
  }
  const rest = bytes.subarray(bodyStart);
  const head = { status, headers, body: rest };
  if (method === 'HEAD' || status === 304 || status === 204) {
    return { response: { ...head, body: Buffer.alloc(0) }, length: bodyStart };
  }
  if (headerOf(head, 'transfer-encoding') === 'chunked') {
    const { body, length } = readChunked(rest);
    return { response: { ...head, body }, length: bodyStart + length };
  }
  const length = Number(headerOf(head, 'content-length') ?? rest.length);
  if (rest.length < length) throw new Error(`expected ${length} bytes of body, got ${rest.length}`);
  return { response: { ...head, body: rest.subarray(0, length) }, length: bodyStart + length };
}

function readChunked(bytes: Buffer): { readonly body: Buffer; readonly length: number } {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) throw new Error('expected another chunk, got the end');
    const length = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    at = lineEnd + 2;
    if (at + length + 2 > bytes.length) throw new Error('expected a whole chunk, got a part of it');
    parts.push(bytes.subarray(at, at + length));
    at += length + 2;
    if (length === 0) return { body: Buffer.concat(parts), length: at };
  }
}
