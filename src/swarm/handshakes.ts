import { connect, type Socket } from 'node:net';
import {
  decodeHandshake,
  encodeHandshake,
  type Handshake,
  handshakeLengthBytes,
} from '../protocol/peer-wire/messages.ts';
import { ScreeError } from '../runtime/errors.ts';
import { addressKey } from './address-book.ts';
import type { PeerAddress } from './announcer.ts';
import type { PeerConnection } from './peer-connection.ts';

export class HandshakeError extends ScreeError<'unreachable' | 'refused'> {}

const limitMs = 10_000;

/** Connects and shakes hands. Throws HandshakeError or WireError; the socket is then gone. */
export async function callPeer(
  address: PeerAddress,
  own: {
    readonly infohash: string;
    readonly peerId: Buffer;
    readonly localAddress: string | undefined;
  },
): Promise<PeerConnection> {
  const { localAddress } = own;
  const socket = connect({ ...address, ...(localAddress === undefined ? {} : { localAddress }) });
  try {
    socket.write(encodeHandshake(own.infohash, own.peerId));
    const handshake = await receiveHandshake(socket);
    if (handshake.infohash !== own.infohash) {
      throw new HandshakeError('refused', 'the peer answers for another torrent');
    }
    return { socket, handshake, address: addressKey(address), outgoing: true };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Waits for the handshake of a peer that called. Throws like `callPeer`. */
export async function awaitCall(socket: Socket): Promise<PeerConnection> {
  try {
    const handshake = await receiveHandshake(socket);
    const address = { host: socket.remoteAddress ?? 'gone', port: socket.remotePort ?? 0 };
    return { socket, handshake, address: addressKey(address), outgoing: false };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** What came behind the handshake stays in the socket. */
function receiveHandshake(socket: Socket): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) =>
      finish(() => reject(new HandshakeError('unreachable', reason)));
    const onReadable = () => {
      const bytes: Buffer | null = socket.read(handshakeLengthBytes);
      if (bytes === null) return;
      finish(() => {
        try {
          resolve(decodeHandshake(bytes));
        } catch (error) {
          reject(error);
        }
      });
    };
    const onError = (error: Error) => fail(error.message);
    const onClose = () => fail('the peer hung up');
    const timer = setTimeout(() => fail('the peer does not shake hands'), limitMs);
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      socket.off('readable', onReadable).off('close', onClose);
      settle();
    };
    socket.on('error', onError);
    socket.on('readable', onReadable).on('close', onClose);
  });
}
