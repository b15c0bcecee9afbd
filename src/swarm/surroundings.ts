import { hash } from 'node:crypto';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { type AskTrackers, askTrackers, type PeerAddress } from './ask-trackers.ts';
import { type Caller, callPeer } from './handshakes.ts';
import type { Verifies } from './intake.ts';
import type { PeerConnection } from './peer-connection.ts';
import { PieceBuffers } from './store/piece-buffers.ts';

/** All that a download has of the machine around it: whoever passes in another can compute a rack. */
export type Surroundings = {
  readonly clock: Clock;
  /** In `[0, 1)`. */
  readonly random: () => number;
  readonly buffersFor: (pieceLengthBytes: number) => PieceBuffers;
  readonly verifies: Verifies;
  readonly callPeer: (address: PeerAddress, own: Caller) => Promise<PeerConnection>;
  readonly askTrackers: AskTrackers;
};

export const ownSurroundings: Surroundings = {
  clock: systemClock,
  random: Math.random,
  buffersFor: (pieceLengthBytes) => new PieceBuffers(pieceLengthBytes),
  verifies: ({ pieceHashes }, piece, bytes) => {
    const expected = pieceHashes.subarray(piece * 20, piece * 20 + 20);
    return hash('sha1', bytes, 'buffer').equals(expected);
  },
  callPeer,
  askTrackers,
};
