import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { createMetainfo } from '../../src/protocol/metainfo.ts';
import { Downloads } from '../../src/swarm/downloads.ts';
import { connectionAt } from '../../src/swarm/handshakes.ts';
import { idleOwner } from '../../src/swarm/idle-owner.ts';
import { Inlet } from '../../src/swarm/inlet.ts';
import { Peer, type PeerOwner } from '../../src/swarm/peer.ts';
import { PieceBuffers } from '../../src/swarm/store/piece-buffers.ts';

const metainfo = createMetainfo({
  name: 'content',
  pieceLengthBytes: 65_536,
  pieceHashes: Buffer.alloc(60),
  files: [{ path: 'content', sizeBytes: 2 * 65_536 + 20_000 }],
  singleFile: true,
});

const owner: PeerOwner = { ...idleOwner, metainfo };

/** A peer on a real connection to nobody in particular; blocks of 16 KiB. */
async function createPeer(t: ExecutionContext): Promise<Peer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const socket = new Socket();
  socket.connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
  const [other] = (await once(server, 'connection')) as [Socket];
  const handshake = {
    infohash: metainfo.infohash,
    peerId: randomBytes(20),
    fast: true,
    extended: false,
  };
  const own = { frontend: false, client: 'test', listenPort: 1, requestQueueLength: 1 };
  const inlet = new Inlet(() => socket);
  const facts = { handshake, address: '127.0.0.1:1', outgoing: true };
  const at = connectionAt({ socket, inlet }, facts);
  const peer = new Peer(at, owner, own);
  t.teardown(() => {
    peer.wire.close(undefined);
    other.destroy();
    server.close();
  });
  return peer;
}

const blocksOf = (piece: number) => {
  const sizeBytes = piece === 2 ? 20_000 : 65_536;
  return Array.from({ length: Math.ceil(sizeBytes / 16_384) }, (_, index) => ({
    piece,
    beginByte: index * 16_384,
    lengthBytes: Math.min(16_384, sizeBytes - index * 16_384),
  }));
};

test('a piece is complete when all its blocks have come, in any order', async (t) => {
  const downloads = new Downloads(metainfo, new PieceBuffers(65_536));
  const peer = await createPeer(t);
  for (const piece of [0, 2]) {
    downloads.start(peer, piece, 0);
    const blocks = blocksOf(piece).reverse();
    const ends = blocks.map((block) => {
      downloads.target(peer, block)?.fill(block.beginByte / 16_384 + 1);
      return downloads.received(peer, block);
    });
    t.deepEqual(
      ends.slice(0, -1),
      ends.slice(0, -1).map(() => undefined),
    );
    const bytes = ends.at(-1)?.buffer.bytes;
    for (const block of blocks) t.is(bytes?.[block.beginByte], block.beginByte / 16_384 + 1);
  }
  t.is(downloads.count, 0);
  t.false(downloads.has(0));
});

test('only what was asked for has a place, and each block once', async (t) => {
  const downloads = new Downloads(metainfo, new PieceBuffers(65_536));
  const [peer, other] = [await createPeer(t), await createPeer(t)];
  downloads.start(peer, 2, 0);
  const [first, last] = blocksOf(2);
  if (first === undefined || last === undefined) return t.fail();
  t.is(downloads.target(other, first), undefined);
  t.is(downloads.target(peer, { ...first, piece: 0 }), undefined);
  t.is(downloads.target(peer, { ...first, beginByte: 1 }), undefined);
  t.is(downloads.target(peer, { ...first, lengthBytes: 16_383 }), undefined);
  t.is(downloads.target(peer, { ...first, lengthBytes: 0 }), undefined);
  t.is(downloads.target(peer, { ...last, lengthBytes: 16_384 }), undefined);
  t.is(downloads.target(peer, last)?.length, 20_000 - 16_384);
  downloads.received(peer, first);
  t.is(downloads.target(peer, first), undefined);
});

test('pieces are counted once for every peer that is asked, and forgotten however they end', async (t) => {
  const downloads = new Downloads(metainfo, new PieceBuffers(65_536));
  const [one, other] = [await createPeer(t), await createPeer(t)];
  downloads.start(one, 0, 0);
  downloads.start(other, 0, 1);
  downloads.start(other, 1, 2);
  t.deepEqual([downloads.count, downloads.countOf(one), downloads.countOf(other)], [3, 1, 2]);
  t.is(downloads.of(0).length, 2);
  downloads.reject(other, 0);
  t.true(downloads.has(0));
  downloads.cancel(0);
  t.false(downloads.has(0));
  downloads.drop(other);
  downloads.drop(other);
  t.deepEqual([downloads.count, downloads.countOf(one), downloads.countOf(other)], [0, 0, 0]);
  t.deepEqual([...downloads.pieces()], []);
});

test('a download that is given up frees its memory, unless a block is just coming into it', async (t) => {
  const buffers = new PieceBuffers(65_536);
  const downloads = new Downloads(metainfo, buffers);
  const peer = await createPeer(t);
  const memoryOf = (piece: number) => downloads.of(piece)[0]?.buffer.bytes.buffer;
  downloads.start(peer, 0, 0);
  const first = memoryOf(0);
  downloads.reject(peer, 0);
  downloads.start(peer, 1, 0);
  t.is(memoryOf(1), first);
  const [block] = blocksOf(1);
  if (block === undefined) return t.fail();
  downloads.target(peer, block);
  downloads.cancel(1);
  downloads.start(peer, 2, 0);
  t.not(memoryOf(2), first);
});
