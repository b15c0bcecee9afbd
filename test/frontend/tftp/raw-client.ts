import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  decodeTftp,
  encodeTftp,
  type TftpPacket,
  type TftpRequest,
} from '../../../src/protocol/tftp/packet.ts';

type Arrived = { readonly packet: TftpPacket; readonly port: number };

export type RawClient = {
  readonly port: number;
  /** Resolves when it has left. */
  readonly send: (packet: TftpPacket | Buffer, port: number) => Promise<void>;
  /** The next packet, or undefined when none comes for so long. */
  readonly next: (timeoutMs?: number) => Promise<Arrived | undefined>;
  readonly close: () => void;
};

/** A UDP port that does nothing by itself. */
export async function openRawClient(): Promise<RawClient> {
  const socket = createSocket('udp4');
  const arrived: Arrived[] = [];
  let wake = () => {};
  socket.on('message', (datagram, { port }) => {
    arrived.push({ packet: decodeTftp(datagram), port });
    wake();
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    send: async (packet, port) => {
      const datagram = Buffer.isBuffer(packet) ? packet : encodeTftp(packet);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sent = (error: Error | null) => (error === null ? resolve() : reject(error));
      socket.send(datagram, port, '127.0.0.1', sent);
      await promise;
    },
    next: async (timeoutMs = 5_000) => {
      if (arrived.length === 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = setTimeout(resolve, timeoutMs);
        await promise;
        clearTimeout(timer);
      }
      return arrived.shift();
    },
    close: () => socket.close(),
  };
}

export function readRequest(
  path: string,
  options: Readonly<Record<string, string | number>> = {},
  mode = 'octet',
): TftpRequest {
  const entries = Object.entries(options).map(([name, value]) => [name, String(value)] as const);
  return { kind: 'read', path, mode, options: new Map(entries) };
}

export type Download = {
  readonly bytes: Buffer;
  readonly options: Readonly<Record<string, string>>;
};

/**
 * Fetches a file as RFC 1350, 2347 and 7440 say. Throws what the server says by an error.
 *
 * Where the last acknowledgement may be lost, it dallies (RFC 1350, section 6): whatever comes
 * afterwards is acknowledged again, until nothing has come for so long.
 */
export async function download(
  serverPort: number,
  request: TftpRequest,
  { dallyMs = 0 } = {},
): Promise<Download> {
  const client = await openRawClient();
  try {
    return await receive(client, serverPort, request, dallyMs);
  } finally {
    client.close();
  }
}

async function receive(
  client: RawClient,
  serverPort: number,
  request: TftpRequest,
  dallyMs: number,
): Promise<Download> {
  const blocks: Buffer[] = [];
  let options: Record<string, string> = {};
  let sinceAck = 0;
  let peerPort: number | undefined;
  await client.send(request, serverPort);
  for (let silences = 0; silences < 60; ) {
    const arrived = await client.next(500);
    if (arrived === undefined) {
      silences += 1;
      if (peerPort === undefined) await client.send(request, serverPort);
      else await acknowledge(peerPort);
      continue;
    }
    const { packet, port } = arrived;
    peerPort ??= port;
    if (port !== peerPort) continue;
    if (packet.kind === 'error') throw new Error(`${packet.code} ${packet.message}`);
    if (packet.kind === 'oack') {
      options = Object.fromEntries(packet.options);
      if (blocks.length === 0) await acknowledge(port);
    }
    if (packet.kind !== 'data') continue;
    const isNext = packet.block === ((blocks.length + 1) & 0xffff);
    if (isNext) blocks.push(packet.bytes);
    sinceAck += isNext ? 1 : 0;
    const isEnd = isNext && packet.bytes.length < Number(options.blksize ?? 512);
    const isDue = !isNext || isEnd || sinceAck >= Number(options.windowsize ?? 1);
    if (isDue) await acknowledge(port);
    if (!isEnd) continue;
    while (dallyMs > 0 && (await client.next(dallyMs)) !== undefined) await acknowledge(port);
    return { bytes: Buffer.concat(blocks), options };
  }
  throw new Error(`expected ${request.path}, got ${blocks.length} blocks and then nothing`);

  async function acknowledge(port: number): Promise<void> {
    sinceAck = 0;
    await client.send({ kind: 'ack', block: blocks.length & 0xffff }, port);
  }
}
