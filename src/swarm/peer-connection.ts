import type { Socket } from 'node:net';
import type { Handshake } from '../protocol/peer-wire/messages.ts';
import type { Inlet } from './inlet.ts';

/** A socket behind whose handshake a peer is about to stand. */
export type PeerConnection = {
  readonly socket: Socket;
  readonly inlet: Inlet;
  readonly handshake: Handshake;
  /** `host:port`, IPv6 in brackets. */
  readonly address: string;
  readonly outgoing: boolean;
};
