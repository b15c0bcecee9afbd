import type { Metainfo } from '../protocol/metainfo.ts';
import type { OwnHandshake } from '../protocol/peer-wire/extensions.ts';
import type { Log } from '../runtime/log.ts';
import type { Offenders } from './offenders.ts';
import type { Peer } from './peer.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { StoreRoom } from './store/store-room.ts';
import type { Surroundings } from './surroundings.ts';
import type { RangeFallback } from './types.ts';

export type LeecherDeps = {
  readonly metainfo: Metainfo;
  readonly room: StoreRoom;
  readonly limiter: RateLimiter;
  readonly own: OwnHandshake;
  readonly ownPeerId: string;
  readonly fallback: RangeFallback | undefined;
  /** A peer sent wrong bytes: it is not to be spoken with again. */
  readonly onLiar: (peer: Peer) => void;
  readonly offenders: Offenders;
  readonly onComplete: () => void;
  readonly onPeerGone: (peer: Peer) => void;
  readonly surroundings: Surroundings;
  readonly log: Log;
};
