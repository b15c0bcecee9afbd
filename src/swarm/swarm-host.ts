import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { Metainfo } from '../protocol/metainfo.ts';
import { encodeHandshake } from '../protocol/peer-wire/messages.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { Bans } from './bans.ts';
import { awaitCall } from './handshakes.ts';
import { takeOver, type WireEnd } from './inlet.ts';
import type { Leecher } from './leecher.ts';
import { memoryBytes } from './leecher-limits.ts';
import { createMembership } from './membership.ts';
import type { PeerConnection } from './peer-connection.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { Seeder } from './seeder.ts';
import { openHostStore } from './store/host-store.ts';
import { StoreRoom } from './store/store-room.ts';
import type { SwarmHost, SwarmHostOptions } from './types.ts';

export const clientName = 'Scree 0.1.0';
const peerIdPrefix = '-SC0100-';
const requestQueueLength = 500;
const mostStrangers = 256;
const noDelayBacklog = 1024;

/** A torrent that takes connections. */
export type Torrent = {
  readonly accept: (connection: PeerConnection) => unknown;
};

/**
 * Listens for peers and holds the torrents that they may ask for. Throws the listener's error
 * (EADDRINUSE and the like).
 */
export async function createSwarmHost(
  deps: { readonly log: Log },
  options: SwarmHostOptions,
): Promise<SwarmHost> {
  const { log } = deps;
  const peerId = Buffer.from(peerIdPrefix + randomBytes(6).toString('hex'), 'latin1');
  const torrents = new Map<string, Torrent>();
  const bans = new Bans();
  const limiter = createRateLimiter(options.uploadBytesPerSecond);
  const store = await openHostStore(options.store, log);
  const room = new StoreRoom(store.slots, memoryBytes);
  const closers = new Set<() => Promise<void>>();
  const leechers = new Set<Leecher>();
  const strangers = new Set<Socket>();

  const server = createServer({ noDelay: true }, (accepted) => void admit(takeOver(accepted)));

  async function admit(end: WireEnd): Promise<void> {
    const { socket } = end;
    socket.on('error', () => {});
    const from = socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
    if (options.isAllowed?.(from) === false) return void socket.destroy();
    // Who means well has shaken hands long before 256 others have come.
    const [oldest] = strangers;
    if (oldest !== undefined && strangers.size >= mostStrangers) {
      strangers.delete(oldest);
      oldest.destroy();
    }
    strangers.add(socket);
    try {
      const connection = await awaitCall(end);
      const torrent = torrents.get(connection.handshake.infohash);
      if (torrent === undefined || bans.has(connection)) return void socket.destroy();
      socket.write(encodeHandshake(connection.handshake.infohash, peerId));
      if (torrent.accept(connection) === undefined) socket.destroy();
    } catch (error) {
      log.debug('call not taken', { reason: messageOf(error) });
    } finally {
      strangers.delete(socket);
    }
  }

  /** Another of the same infohash may have taken its place. */
  function forget({ infohash }: Metainfo, torrent: Torrent): void {
    if (torrents.get(infohash) === torrent) torrents.delete(infohash);
  }

  const port = await listen(server, options.listen);
  const own = (frontend: boolean) => ({
    frontend,
    client: clientName,
    listenPort: port,
    requestQueueLength,
  });
  const { host } = options.listen;
  const localAddress = host === '0.0.0.0' || host === '::' ? undefined : host;

  return {
    port,
    seed: ({ metainfo, source }) => {
      const torrentLog = log.with({ torrent: metainfo.name });
      const { onOffender } = options;
      const seeder = new Seeder({
        ...{ metainfo, source, limiter, own: own(true), onOffender, log: torrentLog },
      });
      const close = () => {
        closers.delete(close);
        forget(metainfo, seeder);
        seeder.close();
        return Promise.resolve();
      };
      torrents.set(metainfo.infohash, seeder);
      closers.add(close);
      return { metainfo, status: () => seeder.status(), close };
    },
    join: ({ metainfo, trackers, fallback }) => {
      const membership = createMembership(
        { log: log.with({ torrent: metainfo.name }), limiter, room, bans, peerId },
        { metainfo, trackers, fallback, own: own(false), localAddress, role: options.role },
      );
      const close = async () => {
        closers.delete(close);
        leechers.delete(membership.leecher);
        forget(metainfo, membership.leecher);
        await membership.close();
      };
      leechers.add(membership.leecher);
      torrents.set(metainfo.infohash, membership.leecher);
      closers.add(close);
      const { leecher } = membership;
      return Promise.resolve({
        metainfo,
        read: (range, options) => leecher.read(range, options),
        expect: (order, isWhole) => leecher.expect(order, isWhole),
        status: () => leecher.status(),
        close,
      });
    },
    stopReadingAhead: () => {
      room.readsAhead = false;
      for (const leecher of leechers) leecher.readAheadStopped();
    },
    store: {
      status: store.status,
      move: store.move,
      leave: async () => {
        room.leaveDisk();
        await store.leave();
        // What was being written has got there meanwhile, and gone with the rest.
        room.leaveDisk();
      },
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all([...closers].map((close) => close()));
      for (const socket of strangers) socket.destroy();
      await closed;
      await store.close();
    },
  };
}

function listen(server: Server, at: SwarmHostOptions['listen']): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: at.host, port: at.port, backlog: noDelayBacklog }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : at.port);
    });
  });
}
