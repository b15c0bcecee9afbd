import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { ExecutionContext } from 'ava';
import { type DecodedDictionary, decodeBencode, isDictionary } from '../../src/protocol/bencode.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createTracker } from '../../src/tracker/main.ts';
import type { CatalogEntry, Tracker, TrackerCatalog } from '../../src/tracker/types.ts';

/** Bytes on both sides of 0x80 and those that URLs and text codecs stumble over. */
export const infohash = '00ff25262b2f3d3f80c3a9feffc0d0e0f0a1b2c3';
export const otherInfohash = 'ab'.repeat(20);

export function createCatalog(entries: readonly Partial<CatalogEntry>[]): TrackerCatalog {
  const all = entries.map((entry) => ({
    infohash,
    name: 'bookworm',
    generation: 1,
    totalSizeBytes: 1_000_000,
    ...entry,
  }));
  return {
    has: (wanted) => all.some((entry) => entry.infohash === wanted),
    nameOf: (wanted) => all.find((entry) => entry.infohash === wanted)?.name,
    list: () => all,
  };
}

export type RunningTracker = { readonly tracker: Tracker; readonly port: number };

/** A tracker on a free loopback port, closed at the test's end. */
export async function startTracker(
  t: ExecutionContext,
  options: {
    readonly host?: string;
    readonly networks?: readonly string[];
    readonly catalog?: TrackerCatalog;
    readonly intervalSeconds?: number;
  } = {},
): Promise<RunningTracker> {
  const { host = '127.0.0.1', networks = ['127.0.0.0/8', '::1'] } = options;
  const { catalog = createCatalog([{}]), intervalSeconds = 30 } = options;
  const listen = { host, port: 0 };
  const tracker = createTracker({ log: silentLog, catalog }, { listen, networks, intervalSeconds });
  await tracker.start();
  t.teardown(tracker.close);
  return { tracker, port: tracker.port() ?? 0 };
}

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
};

/** One GET, from a chosen address of this machine where it matters. */
export async function get(
  url: string,
  options: { readonly from?: string; readonly method?: string } = {},
): Promise<Reply> {
  const sent = request(url, {
    agent: false,
    method: options.method ?? 'GET',
    ...(options.from === undefined ? {} : { localAddress: options.from }),
  });
  sent.end();
  const [response] = await once(sent, 'response');
  return {
    status: response.statusCode,
    headers: response.headers,
    body: await buffer(response),
  };
}

/** Percent-encodes every byte of a hex string. */
export function escapeHex(hex: string): string {
  return hex.replaceAll(/../g, (byte) => `%${byte}`);
}

export function announceQuery(params: Readonly<Record<string, string | number>> = {}): string {
  const { info_hash: hash = infohash, peer_id: id = peerIdOf('-TR4060-'), ...rest } = params;
  const others = { port: 7000, uploaded: 0, downloaded: 0, left: 500_000, compact: 1, ...rest };
  const pairs = Object.entries(others).map(([name, value]) => `${name}=${value}`);
  return [`info_hash=${escapeHex(`${hash}`)}`, `peer_id=${escapeHex(`${id}`)}`, ...pairs].join('&');
}

/** A peer id in hex that starts with the text and ends with the number. */
export function peerIdOf(start: string, number = 0): string {
  return Buffer.from(`${start.padEnd(16, '\xe9')}`, 'latin1').toString('hex') + hex32(number);
}

export async function announce(
  port: number,
  params: Readonly<Record<string, string | number>> = {},
  from?: string,
): Promise<DecodedDictionary> {
  const host = from?.includes(':') ? '[::1]' : '127.0.0.1';
  const options = from === undefined ? {} : { from };
  const reply = await get(`http://${host}:${port}/announce?${announceQuery(params)}`, options);
  return dictionaryOf(reply.body);
}

export function dictionaryOf(body: Uint8Array): DecodedDictionary {
  const value = decodeBencode(body);
  if (isDictionary(value)) return value;
  throw new Error(`expected a dictionary, got ${Buffer.from(body).toString('latin1')}`);
}

export function textOf(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
}

/** `address:port` of compact IPv4 peers, sorted. */
export function endpointsOf(compact: unknown): readonly string[] {
  const bytes = compact instanceof Uint8Array ? Buffer.from(compact) : Buffer.alloc(0);
  const count = bytes.length / 6;
  return Array.from({ length: count }, (_, index) => {
    const peer = bytes.subarray(index * 6, index * 6 + 6);
    return `${[...peer.subarray(0, 4)].join('.')}:${peer.readUInt16BE(4)}`;
  }).sort();
}

export type UdpClient = {
  /** The answer, or undefined when there was none in time. */
  readonly ask: (message: Uint8Array, waitMs?: number) => Promise<Buffer | undefined>;
};

export async function openUdpClient(
  t: ExecutionContext,
  port: number,
  address = '127.0.0.1',
): Promise<UdpClient> {
  const socket: Socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  const server = address.includes(':') ? '::1' : '127.0.0.1';
  return {
    ask: async (message, waitMs = 5_000) => {
      const answered = once(socket, 'message', { signal: AbortSignal.timeout(waitMs) });
      socket.send(message, port, server);
      return answered.then(
        ([reply]) => reply,
        () => undefined,
      );
    },
  };
}

export const connectMessage = Buffer.from('000004172710198000000000aabbccdd', 'hex');

/** Asks for a connection id. */
export async function connectUdp(client: UdpClient): Promise<Buffer> {
  const reply = await client.ask(connectMessage);
  if (reply?.length !== 16) throw new Error(`expected 16 bytes, got ${reply?.toString('hex')}`);
  return reply.subarray(8, 16);
}

export type UdpAnnounce = {
  readonly connectionId: Buffer;
  readonly infohash?: string;
  readonly peerId?: string;
  readonly left?: bigint;
  readonly downloaded?: bigint;
  readonly uploaded?: bigint;
  readonly event?: number;
  readonly claimedAddress?: number;
  readonly wanted?: number;
  readonly port?: number;
};

/** An announce datagram, laid out by hand from BEP 15. */
export function udpAnnounce(announced: UdpAnnounce): Buffer {
  const { left = 500_000n, downloaded = 0n, uploaded = 0n, event = 2 } = announced;
  const message = Buffer.alloc(98);
  announced.connectionId.copy(message, 0);
  message.writeUInt32BE(1, 8);
  message.writeUInt32BE(0x11223344, 12);
  message.write(announced.infohash ?? infohash, 16, 'hex');
  message.write(announced.peerId ?? peerIdOf('-TR4060-'), 36, 'hex');
  message.writeBigUInt64BE(downloaded, 56);
  message.writeBigUInt64BE(left, 64);
  message.writeBigUInt64BE(uploaded, 72);
  message.writeUInt32BE(event, 80);
  message.writeUInt32BE(announced.claimedAddress ?? 0, 84);
  message.writeInt32BE(announced.wanted ?? -1, 92);
  message.writeUInt16BE(announced.port ?? 7000, 96);
  return message;
}

function hex32(number: number): string {
  return number.toString(16).padStart(8, '0');
}
