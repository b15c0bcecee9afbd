import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBencode } from '../../src/protocol/bencode.ts';
import { createMetainfo, type Metainfo } from '../../src/protocol/metainfo.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createSwarmHost } from '../../src/swarm/swarm-host.ts';
import type {
  PieceSource,
  RangeFallback,
  Seed,
  SwarmHost,
  TreeSwarm,
} from '../../src/swarm/types.ts';

/** A torrent of random bytes, as one file. */
export function randomTorrent(sizeBytes: number, pieceLengthBytes = 65_536) {
  const content = randomBytes(sizeBytes);
  const hashes: Buffer[] = [];
  for (let start = 0; start < sizeBytes; start += pieceLengthBytes) {
    const piece = content.subarray(start, start + pieceLengthBytes);
    hashes.push(createHash('sha1').update(piece).digest());
  }
  const metainfo = createMetainfo({
    name: 'content',
    pieceLengthBytes,
    pieceHashes: Buffer.concat(hashes),
    files: [{ path: 'content', sizeBytes }],
    singleFile: true,
  });
  return { content, metainfo, source: sourceOf(content) };
}

export function sourceOf(content: Buffer): PieceSource {
  return {
    read: (offset, length) => Promise.resolve(content.subarray(offset, offset + length)),
  };
}

export function fallbackOf(content: Buffer): RangeFallback {
  return {
    fetch: (offset, length) => Promise.resolve(content.subarray(offset, offset + length)),
  };
}

/** A tracker that hands everybody everybody, but nobody himself. */
export async function startTinyTracker() {
  const peers = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://tracker');
    const port = Number(url.searchParams.get('port'));
    const host = (request.socket.remoteAddress ?? '').replace('::ffff:', '');
    const key = `${host}:${port}`;
    const others = [...peers].filter(([name]) => name !== key).map(([, entry]) => entry);
    if (url.searchParams.get('event') === 'stopped') peers.delete(key);
    else peers.set(key, compact(host, port));
    response.end(encodeBencode({ interval: 1, peers: Buffer.concat(others) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/announce`,
    add: (host: string, peerPort: number) =>
      peers.set(`${host}:${peerPort}`, compact(host, peerPort)),
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export type TestNode = { readonly host: SwarmHost; readonly swarm: TreeSwarm };
export type TestFrontend = { readonly host: SwarmHost; readonly seed: Seed };

export type RackOptions = {
  readonly metainfo: Metainfo;
  /** Undefined: there is no seed until one is started. */
  readonly source?: PieceSource;
  readonly storeBytes?: number;
  readonly uploadBytesPerSecond?: number;
};

export type JoinOptions = {
  readonly fallback?: RangeFallback;
  /** Announce URLs instead of the rack's own. */
  readonly trackers?: readonly string[];
  readonly storeFolder?: string;
};

export const frontendAddress = '127.0.0.2';

/** A seed, a tracker and nodes, each on a loopback address of its own; closed all together. */
export async function createSwarmRack(options: RackOptions) {
  const { metainfo, uploadBytesPerSecond = 0, storeBytes = 256 * 1024 * 1024 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'scree-swarm-'));
  const tracker = await startTinyTracker();
  const hosts: SwarmHost[] = [];

  const startFrontend = async (source: PieceSource, port = 0): Promise<TestFrontend> => {
    const listen = { host: frontendAddress, port };
    const host = await createSwarmHost({ log: silentLog }, { listen, uploadBytesPerSecond });
    hosts.push(host);
    tracker.add(frontendAddress, host.port);
    return { host, seed: host.seed({ metainfo, source }) };
  };
  const frontend = options.source && (await startFrontend(options.source));

  return {
    tracker,
    frontend,
    seed: frontend?.seed,
    startFrontend,
    join: async (number: number, more: JoinOptions = {}): Promise<TestNode> => {
      const listen = { host: `127.0.0.${10 + number}`, port: 0 };
      const store = {
        folder: more.storeFolder ?? join(folder, String(number)),
        sizeBytes: storeBytes,
      };
      const host = await createSwarmHost(
        { log: silentLog },
        { listen, uploadBytesPerSecond: 0, store },
      );
      hosts.push(host);
      const { trackers = [tracker.url], fallback } = more;
      return { host, swarm: await host.join({ metainfo, trackers, fallback }) };
    },
    close: async () => {
      await Promise.all(hosts.map((host) => host.close()));
      await tracker.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** All bytes of a range, or the error with which reading it ended. */
export async function readAll(
  swarm: TreeSwarm,
  range: { readonly startByte: number; readonly endByte: number },
  signal: AbortSignal = AbortSignal.timeout(60_000),
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  // The bytes are good only until the promise has settled.
  const write = async (bytes: Buffer) => void chunks.push(Buffer.from(bytes));
  await swarm.read(range, { signal, write });
  return Buffer.concat(chunks);
}

function compact(host: string, port: number): Buffer {
  const entry = Buffer.alloc(6);
  entry.set(host.split('.').map(Number));
  entry.writeUInt16BE(port, 4);
  return entry;
}
