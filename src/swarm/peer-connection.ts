import type { Handshake } from '../protocol/peer-wire/messages.ts';
import type { PeerWire, WireListener } from './wire.ts';

/** A connection behind whose handshake a peer is about to stand. */
export type PeerConnection = {
  readonly handshake: Handshake;
  /** `host:port`, IPv6 in brackets. */
  readonly address: string;
  readonly outgoing: boolean;
  /** To be called once, by whoever wants it. */
  readonly open: (listener: WireListener, maximumMessageBytes: number) => PeerWire;
  /** Nobody wants it. */
  readonly discard: () => void;
};
