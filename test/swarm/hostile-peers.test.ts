import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Metainfo } from '../../src/protocol/metainfo.ts';
import {
  encodeBare,
  encodeHandshake,
  encodeHave,
  encodeRange,
  type WireMessage,
} from '../../src/protocol/peer-wire/messages.ts';
import {
  blockMessage,
  callAsPeer,
  claimEverything,
  claimToBeOurs,
  listenAsPeer,
  type RawPeer,
  until,
} from '../support/raw-peer.ts';
import {
  createSwarmRack,
  fallbackOf,
  frontendAddress,
  randomTorrent,
  readAll,
} from '../support/swarm-rack.ts';

const mebibyte = 1024 * 1024;

type Play = (peer: RawPeer, message: WireMessage) => void;

/** A peer in the tracker's list that says it has everything, and answers as told. */
async function addLiar(
  t: ExecutionContext,
  rack: Awaited<ReturnType<typeof createSwarmRack>>,
  options: { readonly host: string; readonly metainfo: Metainfo; readonly play: Play },
) {
  const { host, metainfo, play } = options;
  const liar = await listenAsPeer(t, { host, infohash: metainfo.infohash }, (peer) => {
    claimEverything(peer, metainfo.pieceCount);
    peer.onMessage((message) => play(peer, message));
  });
  rack.tracker.add(liar.host, liar.port);
  return liar;
}

const sendWrongBlock: Play = (peer, message) => {
  if (message.type === 'request') {
    peer.send(blockMessage(message, Buffer.alloc(message.lengthBytes, 7)));
  }
};

test('a peer that sends a wrong piece is dropped, named and not asked again', async (t) => {
  const { content, metainfo, source } = randomTorrent(4 * mebibyte);
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  const liar = await addLiar(t, rack, { host: '127.0.0.60', metainfo, play: sendWrongBlock });
  const { swarm } = await rack.join(0);
  const reading = readAll(swarm, { startByte: 0, endByte: content.length });
  await until('the liar is named', () => swarm.status().offenders.length > 0);
  await rack.startFrontend(source);
  t.true((await reading).equals(content));
  const { offenders, counters } = swarm.status();
  t.is(offenders.length, 1);
  t.is(offenders[0]?.address, `${liar.host}:${liar.port}`);
  t.is(offenders[0]?.reason, 'sent a piece that does not verify');
  t.is(counters.badPieces, 1);
  await sleep(6000);
  const talks = liar.callers.filter((peer) => peer.messages.length > 0);
  t.is(talks.length, 1, 'the liar was spoken with again');
});

test('a wrong block among right ones is found, too', async (t) => {
  const { content, metainfo, source } = randomTorrent(2 * mebibyte);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const liar = await addLiar(t, rack, {
    host: '127.0.0.60',
    metainfo,
    play: (peer, message) => {
      if (message.type !== 'request') return;
      const start = message.piece * metainfo.pieceLengthBytes + message.beginByte;
      const bytes = Buffer.from(content.subarray(start, start + message.lengthBytes));
      if (message.beginByte === 32_768) bytes[5] = (bytes[5] ?? 0) ^ 1;
      peer.send(blockMessage(message, bytes));
    },
  });
  const { swarm } = await rack.join(0);
  const bytes = await readAll(swarm, { startByte: 0, endByte: content.length });
  t.true(bytes.equals(content));
  const asked = liar.callers.some((peer) => peer.messages.some(({ type }) => type === 'request'));
  if (asked) t.is(swarm.status().offenders.length, 1);
});

for (const [how, ours] of [
  ['a stranger', false],
  ['one of us', true],
] as const) {
  test(`${how} that claims everything and never answers only costs seconds`, async (t) => {
    const { content, metainfo, source } = randomTorrent(4 * mebibyte);
    const rack = await createSwarmRack({ metainfo, source });
    t.teardown(rack.close);
    for (const host of ['127.0.0.60', '127.0.0.61', '127.0.0.62']) {
      const liar = await listenAsPeer(t, { host, infohash: metainfo.infohash }, (peer) => {
        if (ours) claimToBeOurs(peer, false);
        claimEverything(peer, metainfo.pieceCount);
      });
      rack.tracker.add(liar.host, liar.port);
    }
    const { swarm } = await rack.join(0);
    await until('all are connected', () => swarm.status().peers.length === 4);
    const startedAtMs = performance.now();
    const bytes = await readAll(swarm, { startByte: 0, endByte: content.length });
    t.true(bytes.equals(content));
    const tookMs = performance.now() - startedAtMs;
    t.true(tookMs < 15_000, `${tookMs} ms`);
  });
}

for (const frontend of [false, true]) {
  const who = frontend ? 'a frontend' : 'a peer';
  test(`when ${who} that never answers is all there is, the bytes come by HTTP`, async (t) => {
    const { content, metainfo } = randomTorrent(4 * mebibyte);
    const rack = await createSwarmRack({ metainfo });
    t.teardown(rack.close);
    const at = { host: '127.0.0.60', infohash: metainfo.infohash };
    const liar = await listenAsPeer(t, at, (peer) => {
      if (frontend) claimToBeOurs(peer, true);
      claimEverything(peer, metainfo.pieceCount);
    });
    rack.tracker.add(liar.host, liar.port);
    const { swarm } = await rack.join(0, { fallback: fallbackOf(content) });
    await until('it is connected', () => swarm.status().peers.length === 1);
    const startedAtMs = performance.now();
    const bytes = await readAll(swarm, { startByte: 0, endByte: content.length });
    t.true(bytes.equals(content));
    const tookMs = performance.now() - startedAtMs;
    t.true(tookMs < 15_000, `${tookMs} ms`);
  });
}

test('blocks nobody asked for change nothing', async (t) => {
  const { content, metainfo } = randomTorrent(mebibyte);
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  const { swarm, host } = await rack.join(0);
  const peer = callAsPeer(t, { host: '127.0.0.10', port: host.port }, metainfo);
  for (let piece = 0; piece < metainfo.pieceCount; piece += 1) {
    const range = { piece, beginByte: 0, lengthBytes: 65_536 };
    peer.send(blockMessage(range, content.subarray(piece * 65_536, (piece + 1) * 65_536)));
  }
  peer.send(encodeRange('request', { piece: 0, beginByte: 0, lengthBytes: 16_384 }));
  await until('the node refuses', () => peer.messages.some(({ type }) => type === 'reject'));
  t.is(swarm.status().piecesHeld, 0);
  t.is(swarm.status().counters.receivedFromPeersBytes, 0);
});

for (const side of ['a node', 'a frontend'] as const) {
  test.serial(
    `a peer that asks for everything over and over and reads nothing costs ${side} little`,
    async (t) => {
      const { content, metainfo, source } = randomTorrent(4 * mebibyte);
      const rack = await createSwarmRack({ metainfo, source });
      t.teardown(rack.close);
      const node = await rack.join(0);
      await readAll(node.swarm, { startByte: 0, endByte: content.length });
      const target = side === 'a node' ? node.host : rack.frontend?.host;
      const host = side === 'a node' ? '127.0.0.10' : frontendAddress;
      const before = process.memoryUsage();
      for (let greedy = 0; greedy < 5; greedy += 1) {
        const peer = callAsPeer(t, { host, port: target?.port ?? 0 }, metainfo);
        peer.socket.pause();
        const requests = Array.from({ length: 2000 }, (_, index) =>
          encodeRange('request', {
            piece: index % metainfo.pieceCount,
            beginByte: 0,
            lengthBytes: 65_536,
          }),
        );
        const all = Buffer.concat(requests);
        for (let turn = 0; turn < 20; turn += 1) peer.send(all);
      }
      await sleep(1500);
      const grownBytes = process.memoryUsage().rss - before.rss;
      t.true(grownBytes < 128 * mebibyte, `${grownBytes / mebibyte} MiB`);
      const other = await rack.join(1);
      const bytes = await readAll(other.swarm, { startByte: 0, endByte: content.length });
      t.true(bytes.equals(content));
    },
  );
}

test('a peer that sends one byte at a time is served all the same', async (t) => {
  const { content, metainfo, source } = randomTorrent(mebibyte);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const node = await rack.join(0);
  await readAll(node.swarm, { startByte: 0, endByte: content.length });
  const at = { host: '127.0.0.10', port: node.host.port };
  const peer = callAsPeer(t, at, { ...metainfo, shakeHands: false });
  peer.socket.setNoDelay(true);
  const bytes = Buffer.concat([
    encodeHandshake(metainfo.infohash, peer.peerId),
    encodeBare('interested'),
    encodeHave(3),
    encodeRange('request', { piece: 2, beginByte: 16_384, lengthBytes: 16_384 }),
  ]);
  for (const byte of bytes) {
    peer.send(Buffer.from([byte]));
    await sleep(2);
  }
  await until('the block', () => peer.blocks.length === 1);
  const start = 2 * 65_536 + 16_384;
  t.true(peer.blocks[0]?.bytes.equals(content.subarray(start, start + 16_384)));
});
