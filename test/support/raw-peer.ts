import { randomBytes } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { encodeBencode } from '../../src/protocol/bencode.ts';
import { Bitfield } from '../../src/protocol/bitfield.ts';
import { WireDecoder } from '../../src/protocol/peer-wire/decoder.ts';
import {
  type BlockRange,
  decodeHandshake,
  encodeBare,
  encodeBitfield,
  encodeExtended,
  encodeHandshake,
  encodePieceHeader,
  handshakeLengthBytes,
  type WireMessage,
} from '../../src/protocol/peer-wire/messages.ts';

export type ReceivedBlock = BlockRange & { readonly bytes: Buffer };

/** A peer played by hand: says what the test wants, whether that is allowed or not. */
export type RawPeer = {
  readonly socket: Socket;
  readonly peerId: Buffer;
  /** The peer id of the other side, once it has shaken hands. */
  readonly theirId: () => Buffer | undefined;
  /** All that has come so far, but blocks. */
  readonly messages: readonly WireMessage[];
  readonly blocks: readonly ReceivedBlock[];
  readonly send: (...bytes: readonly Buffer[]) => void;
  readonly isClosed: () => boolean;
  /** Called for each message that comes from now on. */
  readonly onMessage: (listener: (message: WireMessage) => void) => void;
};

const longestMessageBytes = 2 ** 26;

function playPeer(socket: Socket, peerId: Buffer): RawPeer {
  const messages: WireMessage[] = [];
  const blocks: ReceivedBlock[] = [];
  const listeners: ((message: WireMessage) => void)[] = [];
  let theirs: Buffer | undefined;
  let closed = false;
  let target = Buffer.alloc(0);
  const decoder = new WireDecoder(
    {
      onMessage: (message) => {
        messages.push(message);
        for (const listener of listeners) listener(message);
      },
      blockTarget: (range) => {
        target = Buffer.alloc(range.lengthBytes);
        return target;
      },
      onBlock: (range) => blocks.push({ ...range, bytes: target }),
    },
    { maximumMessageBytes: longestMessageBytes },
  );
  let early = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  socket.on('data', (chunk: Buffer) => {
    if (theirs !== undefined) return decoder.push(chunk);
    early = Buffer.concat([early, chunk]);
    if (early.length < handshakeLengthBytes) return;
    theirs = decodeHandshake(early).peerId;
    decoder.push(early.subarray(handshakeLengthBytes));
  });
  return {
    socket,
    peerId,
    theirId: () => theirs,
    messages,
    blocks,
    send: (...bytes) => {
      for (const each of bytes) if (!socket.destroyed) socket.write(each);
    },
    isClosed: () => closed,
    onMessage: (listener) => listeners.push(listener),
  };
}

/** Calls a node or a seed and shakes hands, unless told otherwise; hangs up when the test ends. */
export function callAsPeer(
  t: ExecutionContext,
  to: { readonly host: string; readonly port: number },
  options: {
    readonly infohash: string;
    readonly from?: string;
    readonly peerId?: Buffer;
    readonly shakeHands?: boolean;
  },
): RawPeer {
  const { peerId = randomBytes(20), from: localAddress = '127.0.0.1' } = options;
  const socket = connect({ ...to, localAddress });
  t.teardown(() => socket.destroy());
  const peer = playPeer(socket, peerId);
  if (options.shakeHands !== false) peer.send(encodeHandshake(options.infohash, peerId));
  return peer;
}

/** Waits for calls at an address of its own, and plays the same peer to each caller. */
export async function listenAsPeer(
  t: ExecutionContext,
  at: { readonly host: string; readonly infohash: string },
  play: (peer: RawPeer) => void,
) {
  const peerId = randomBytes(20);
  const callers: RawPeer[] = [];
  const server = createServer((socket) => {
    const peer = playPeer(socket, peerId);
    callers.push(peer);
    peer.send(encodeHandshake(at.infohash, peerId));
    play(peer);
  });
  await new Promise<void>((resolve) => server.listen(0, at.host, resolve));
  t.teardown(() => {
    server.close();
    for (const { socket } of callers) socket.destroy();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { host: at.host, port, callers };
}

/** Says that this peer has everything and that it may be asked. */
export function claimEverything(peer: RawPeer, pieceCount: number): void {
  const all = new Bitfield(pieceCount);
  all.addAll();
  peer.send(encodeBitfield(all.bytes), encodeBare('unchoke'));
}

/** Says that this is one of our own programs. */
export function claimToBeOurs(peer: RawPeer, frontend: boolean, rack?: number): void {
  const handshake = {
    m: { lt_donthave: 1, scree: 2 },
    p: 1,
    scree: { frontend: frontend ? 1 : 0, ...(rack === undefined ? {} : { rack }) },
  };
  peer.send(encodeExtended(0, encodeBencode({ ...handshake, v: 'raw', reqq: 500 })));
}

/** The bytes of a `piece` message. */
export function blockMessage(range: BlockRange, bytes: Buffer): Buffer {
  return Buffer.concat([encodePieceHeader({ ...range, lengthBytes: bytes.length }), bytes]);
}

/** Waits until something is so; fails the test with these words when it is not so in time. */
export async function until(what: string, isSo: () => boolean, limitMs = 20_000): Promise<void> {
  const startedAtMs = performance.now();
  while (!isSo()) {
    if (performance.now() - startedAtMs > limitMs) throw new Error(`in vain: ${what}`);
    await sleep(20);
  }
}
