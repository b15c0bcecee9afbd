import type { Socket } from 'node:net';
import Protocol from 'bittorrent-protocol';
import { WireDecoder } from '../../src/protocol/peer-wire/decoder.ts';
import {
  encodeBare,
  encodePieceHeader,
  encodeRange,
} from '../../src/protocol/peer-wire/messages.ts';

/** One way to speak the wire protocol: as the side that gives, and as the side that asks. */
export type Codec = {
  readonly serve: (socket: Socket, block: Buffer) => void;
  /** Resolves when `count` blocks have come, 16 asked for at any time. */
  readonly fetch: (socket: Socket, count: number, blockBytes: number) => Promise<void>;
};

const depth = 16;
const piecesEach = 1 << 20;

const ours: Codec = {
  serve: (socket, block) => {
    const decoder = new WireDecoder(
      {
        onMessage: (message) => {
          if (message.type !== 'request') return;
          socket.cork();
          socket.write(encodePieceHeader(message));
          socket.write(block);
          process.nextTick(() => socket.uncork());
        },
        blockTarget: () => undefined,
        onBlock: () => {},
      },
      { maximumMessageBytes: 1 << 20 },
    );
    socket.on('data', (chunk: Buffer) => decoder.push(chunk));
    socket.write(encodeBare('unchoke'));
  },
  fetch: (socket, count, blockBytes) =>
    new Promise((resolve) => {
      let asked = 0;
      let received = 0;
      const ask = () => {
        if (asked >= count) return;
        const range = { piece: asked % piecesEach, beginByte: 0, lengthBytes: blockBytes };
        socket.write(encodeRange('request', range));
        asked += 1;
      };
      const decoder = new WireDecoder(
        {
          onMessage: () => {
            for (let index = 0; index < depth; index += 1) ask();
          },
          blockTarget: (range) => Buffer.allocUnsafeSlow(range.lengthBytes),
          onBlock: () => {
            received += 1;
            if (received === count) resolve();
            else ask();
          },
        },
        { maximumMessageBytes: 1 << 20 },
      );
      socket.on('data', (chunk: Buffer) => decoder.push(chunk));
    }),
};

const infohash = '00'.repeat(20);
const peerId = '11'.repeat(20);

const stock: Codec = {
  serve: (socket, block) => {
    const wire = new Protocol();
    socket.pipe(wire).pipe(socket);
    wire.on('handshake', () => {
      wire.handshake(infohash, peerId);
      wire.unchoke();
    });
    wire.on('request', (_piece: number, _offset: number, _length: number, respond) => {
      respond(null, block);
    });
  },
  fetch: (socket, count, blockBytes) =>
    new Promise((resolve) => {
      const wire = new Protocol();
      socket.pipe(wire).pipe(socket);
      wire.handshake(infohash, peerId);
      let asked = 0;
      let received = 0;
      const ask = () => {
        if (asked >= count) return;
        wire.request(asked++ % piecesEach, 0, blockBytes, () => {
          received += 1;
          if (received === count) resolve();
          else ask();
        });
      };
      wire.on('unchoke', () => {
        for (let index = 0; index < depth; index += 1) ask();
      });
    }),
};

export const codecs = { 'src/protocol/peer-wire': ours, 'bittorrent-protocol': stock } as const;
export type CodecName = keyof typeof codecs;
