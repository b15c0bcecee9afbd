import { randomBytes } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import {
  encodeHandshake,
  encodeHave,
  encodePieceHeader,
  WireError,
  type WireMessage,
} from '../../src/protocol/peer-wire/messages.ts';
import { awaitCall, callPeer, HandshakeError } from '../../src/swarm/handshakes.ts';
import { takeOver } from '../../src/swarm/inlet.ts';
import type { PeerConnection } from '../../src/swarm/peer-connection.ts';
import { until } from '../support/raw-peer.ts';

const infohash = randomBytes(20).toString('hex');
const own = { infohash, peerId: Buffer.alloc(20, 1), localAddress: '127.0.0.1' };

async function listen(t: ExecutionContext, onSocket: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { host: '127.0.0.1', port };
}

/** Sends bytes in small parts, so that they come in many reads. */
async function sendInParts(socket: Socket, bytes: Buffer, partBytes: number): Promise<void> {
  socket.setNoDelay(true);
  for (let at = 0; at < bytes.length; at += partBytes) {
    socket.write(bytes.subarray(at, at + partBytes));
    await sleep(1);
  }
}

function collect(connection: PeerConnection, maximumMessageBytes = 100_000) {
  const pieces: number[] = [];
  const blocks: Buffer[] = [];
  let target = Buffer.alloc(0);
  const wire = connection.open(
    {
      onMessage: (message: WireMessage) => {
        if (message.type === 'have') pieces.push(message.piece);
      },
      blockTarget: ({ lengthBytes }) => {
        target = Buffer.alloc(lengthBytes);
        return target;
      },
      onBlock: () => blocks.push(target),
      onDrain: () => {},
      onClosed: () => {},
    },
    maximumMessageBytes,
  );
  return { wire, pieces, blocks };
}

test('many connections that are read at the same time do not mix up their bytes', async (t) => {
  const lengthBytes = 20_000;
  const at = await listen(t, (socket) => {
    socket.once('data', (asked: Buffer) => {
      const mark = asked[67] ?? 0;
      const haves = Array.from({ length: 40 }, (_, index) => encodeHave(mark * 1000 + index));
      const all = Buffer.concat([
        encodeHandshake(infohash, Buffer.alloc(20, mark)),
        ...haves,
        encodePieceHeader({ piece: 0, beginByte: 0, lengthBytes }),
        Buffer.alloc(lengthBytes, mark),
        encodeHave(mark * 1000 + 40),
      ]);
      void sendInParts(socket, all, 31 + mark * 17);
    });
  });
  const marks = [1, 2, 3, 4, 5, 6, 7, 8];
  const ends = await Promise.all(
    marks.map(async (mark) => {
      const connection = await callPeer(at, { ...own, peerId: Buffer.alloc(20, mark) });
      t.deepEqual(connection.handshake.peerId, Buffer.alloc(20, mark));
      return { mark, ...collect(connection) };
    }),
  );
  t.teardown(() => {
    for (const { wire } of ends) wire.close(undefined);
  });
  await until('all has come', () => ends.every(({ pieces }) => pieces.length === 41), 60_000);
  for (const { mark, pieces, blocks } of ends) {
    t.deepEqual(
      pieces,
      Array.from({ length: 41 }, (_, index) => mark * 1000 + index),
    );
    t.deepEqual(blocks, [Buffer.alloc(lengthBytes, mark)]);
  }
});

test('what a caller sends with its handshake, or long before it is heard, is not lost', async (t) => {
  let taken: PeerConnection | undefined;
  const at = await listen(t, (socket) => {
    void awaitCall(takeOver(socket)).then((connection) => {
      taken = connection;
    });
  });
  const socket = connect(at);
  t.teardown(() => socket.destroy());
  socket.write(Buffer.concat([encodeHandshake(infohash, Buffer.alloc(20, 9)), encodeHave(1)]));
  await until('the handshake', () => taken !== undefined);
  socket.write(encodeHave(2));
  await sleep(100);
  if (taken === undefined) return t.fail();
  t.regex(taken.address, /^127\.0\.0\.1:\d+$/);
  const { wire, pieces } = collect(taken);
  t.teardown(() => wire.close(undefined));
  socket.write(encodeHave(3));
  await until('all has come', () => pieces.length === 3);
  t.deepEqual(pieces, [1, 2, 3]);
});

test('a flood before anybody listens ends the connection', async (t) => {
  const at = await listen(t, (socket) => void awaitCall(takeOver(socket)).catch(() => {}));
  const socket = connect(at);
  let closed = false;
  socket
    .on('error', () => {})
    .on('close', () => {
      closed = true;
    });
  socket.write(encodeHandshake(infohash, Buffer.alloc(20)));
  for (let turn = 0; turn < 100; turn += 1) socket.write(Buffer.alloc(65_536));
  await until('the end', () => closed);
  t.true(closed);
});

const refusals: readonly (readonly [string, (socket: Socket) => void])[] = [
  [
    'answers for another torrent',
    (socket) => {
      socket.write(encodeHandshake('00'.repeat(20), Buffer.alloc(20)));
    },
  ],
  ['speaks something else', (socket) => socket.write(Buffer.alloc(100, 'x'))],
  ['hangs up at once', (socket) => socket.destroy()],
  [
    'hangs up in the middle of its handshake',
    (socket) => {
      socket.end(encodeHandshake(infohash, Buffer.alloc(20)).subarray(0, 67));
    },
  ],
  ['resets the connection', (socket) => socket.resetAndDestroy()],
];

for (const [what, answer] of refusals) {
  test(`a peer that ${what} is not taken, and no socket stays open`, async (t) => {
    let closed = false;
    const at = await listen(t, (socket) => {
      socket.on('close', () => {
        closed = true;
      });
      socket.resume();
      answer(socket);
    });
    const error = await t.throwsAsync(callPeer(at, own));
    t.true(error instanceof HandshakeError || error instanceof WireError);
    await until('the socket is closed', () => closed);
  });
}

test('nobody at the address is an error', async (t) => {
  const error = await t.throwsAsync(callPeer({ host: '127.0.0.1', port: 1 }, own));
  t.true(error instanceof HandshakeError);
});
