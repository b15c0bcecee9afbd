import { connect, type Socket } from 'node:net';
import {
  decodeHandshake,
  encodeHandshake,
  type Handshake,
  handshakeLengthBytes,
} from '../protocol/peer-wire/messages.ts';
import { ScreeError } from '../runtime/errors.ts';
import { addressKey } from './address-book.ts';
import type { PeerAddress } from './ask-trackers.ts';
import { feed, Inlet, type WireEnd } from './inlet.ts';
import type { PeerConnection } from './peer-connection.ts';
import { Wire } from './wire.ts';

export class HandshakeError extends ScreeError<'unreachable' | 'refused'> {}

const limitMs = 10_000;

/** What a caller says of itself, and where it calls from. */
export type Caller = {
  readonly infohash: string;
  readonly peerId: Buffer;
  readonly localAddress: string | undefined;
};

/** Connects and shakes hands. Throws HandshakeError or WireError; the socket is then gone. */
export async function callPeer(address: PeerAddress, own: Caller): Promise<PeerConnection> {
  const { localAddress } = own;
  const inlet: Inlet = new Inlet(() => socket);
  const local = localAddress === undefined ? {} : { localAddress };
  const socket: Socket = connect({ ...address, ...local, onread: feed(inlet, () => socket) });
  try {
    socket.write(encodeHandshake(own.infohash, own.peerId));
    const handshake = await receiveHandshake(socket, inlet);
    if (handshake.infohash !== own.infohash) {
      throw new HandshakeError('refused', 'the peer answers for another torrent');
    }
    const facts = { handshake, address: addressKey(address), outgoing: true };
    return connectionAt({ socket, inlet }, facts);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Waits for the handshake of a peer that called. Throws like `callPeer`. */
export async function awaitCall(end: WireEnd): Promise<PeerConnection> {
  const { socket, inlet } = end;
  try {
    const handshake = await receiveHandshake(socket, inlet);
    const address = { host: socket.remoteAddress ?? 'gone', port: socket.remotePort ?? 0 };
    return connectionAt(end, { handshake, address: addressKey(address), outgoing: false });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** A connection whose handshake is behind it. */
export function connectionAt(
  end: WireEnd,
  facts: Pick<PeerConnection, 'handshake' | 'address' | 'outgoing'>,
): PeerConnection {
  return {
    ...facts,
    open: (listener, maximumMessageBytes) => new Wire(end, listener, maximumMessageBytes),
    discard: () => end.socket.destroy(),
  };
}

/** What came behind the handshake stays in the inlet. */
function receiveHandshake(socket: Socket, inlet: Inlet): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      inlet.listen(undefined);
      socket.off('close', onClose);
      settle();
    };
    const fail = (reason: string) =>
      finish(() => reject(new HandshakeError('unreachable', reason)));
    const onClose = () => fail('the peer hung up');
    const timer = setTimeout(() => fail('the peer does not shake hands'), limitMs);
    socket.on('error', (error: Error) => fail(error.message));
    socket.on('close', onClose);
    inlet.listen((chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < handshakeLengthBytes) return;
      finish(() => settleHandshake(received, resolve, reject));
      inlet.push(received.subarray(handshakeLengthBytes));
    });
  });
}

function settleHandshake(
  received: Buffer,
  resolve: (handshake: Handshake) => void,
  reject: (error: unknown) => void,
): void {
  try {
    resolve(decodeHandshake(received.subarray(0, handshakeLengthBytes)));
  } catch (error) {
    reject(error);
  }
}
