import type { Metainfo } from '../protocol/metainfo.ts';
import type { OwnHandshake } from '../protocol/peer-wire/extensions.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { AddressBook, addressKey } from './address-book.ts';
import { createAnnouncer } from './announcer.ts';
import type { Bans } from './bans.ts';
import { Leecher } from './leecher.ts';
import { Offenders } from './offenders.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { StoreRoom } from './store/store-room.ts';
import { ownSurroundings, type Surroundings } from './surroundings.ts';
import { TrackerReport } from './tracker-report.ts';
import type { RangeFallback } from './types.ts';

export type MembershipDeps = {
  readonly log: Log;
  readonly limiter: RateLimiter;
  readonly room: StoreRoom;
  readonly bans: Bans;
  readonly peerId: Buffer;
  /** The machine's own unless given. */
  readonly surroundings?: Surroundings;
};

export type MembershipOptions = {
  readonly metainfo: Metainfo;
  readonly trackers: readonly string[];
  readonly fallback: RangeFallback | undefined;
  readonly own: OwnHandshake;
  readonly localAddress: string | undefined;
  readonly role: string | undefined;
};

const callEveryMs = 500;
const callsAtOnce = 20;

/** A node's part in a swarm: announced, connected to those whom the tracker names. */
export function createMembership(deps: MembershipDeps, options: MembershipOptions) {
  const { metainfo } = options;
  const { surroundings = ownSurroundings } = deps;
  const { clock } = surroundings;
  const addresses = new AddressBook();
  const report = new TrackerReport(() => announcer.tellSoon());
  let calls = 0;
  let closed = false;

  const leecher = new Leecher({
    metainfo,
    room: deps.room,
    limiter: deps.limiter,
    own: options.own,
    ownPeerId: deps.peerId.toString('hex'),
    fallback: options.fallback,
    onLiar: (peer) => deps.bans.add(peer),
    offenders: new Offenders(deps.log, { report }),
    onComplete: () => announcer.completed(),
    onPeerGone: (peer) => addresses.gone(peer.address, clock.nowMs(), peer.frontend),
    surroundings,
    log: deps.log,
  });

  const callSome = () => {
    const room = Math.min(callsAtOnce, leecher.peersWanted) - calls;
    for (const address of addresses.take(clock.nowMs(), Math.max(0, room))) void call(address);
  };

  const call = async (address: { readonly host: string; readonly port: number }) => {
    calls += 1;
    try {
      const { localAddress } = options;
      const own = { infohash: metainfo.infohash, peerId: deps.peerId, localAddress };
      const connection = await surroundings.callPeer(address, own);
      addresses.connected(connection.address);
      const isWanted = !closed && !deps.bans.has(connection);
      if (!isWanted || leecher.accept(connection) === undefined) connection.discard();
    } catch (error) {
      addresses.missed(addressKey(address));
      deps.log.debug('peer not reached', { peer: address.host, reason: messageOf(error) });
    } finally {
      calls -= 1;
    }
  };

  const announcer = createAnnouncer({
    clock,
    ask: surroundings.askTrackers,
    trackers: options.trackers,
    infohash: metainfo.infohash,
    peerId: deps.peerId,
    port: options.own.listenPort,
    localAddress: options.localAddress,
    role: options.role,
    state: () => {
      const { counters } = leecher.status();
      const fromFrontendBytes = counters.receivedFromFrontendBytes + counters.receivedByHttpBytes;
      return {
        uploadedBytes: counters.sentBytes,
        downloadedBytes: fromFrontendBytes + counters.receivedFromPeersBytes,
        leftBytes: leecher.leftBytes,
        fromFrontendBytes,
      };
    },
    report,
    onAnswer: ({ peers, rack }) => {
      if (rack !== undefined) leecher.setRack(rack);
      addresses.add(peers);
      if (!closed) callSome();
    },
    log: deps.log,
  });

  const timer = clock.every(callEveryMs, callSome);
  return {
    leecher,
    close: async () => {
      closed = true;
      timer.cancel();
      await announcer.close();
      leecher.close();
    },
  };
}
