import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import {
  decodeScreeMessage,
  ownBlockBytes,
  ownExtensionIds,
} from '../../src/protocol/peer-wire/extensions.ts';
import {
  encodeBare,
  encodeExtended,
  encodeHave,
  encodeRange,
  type WireMessage,
} from '../../src/protocol/peer-wire/messages.ts';
import { callAsPeer, claimToBeOurs, until } from '../support/raw-peer.ts';
import { createSwarmRack, randomTorrent, readAll } from '../support/swarm-rack.ts';

const mebibyte = 1024 * 1024;

test('peers are told what was driven out, and are given only what is there', async (t) => {
  const torrent = randomTorrent(32 * mebibyte);
  const { metainfo, content, source } = torrent;
  const rack = await createSwarmRack({ metainfo, source, storeBytes: 3 * mebibyte });
  t.teardown(rack.close);
  const { host, swarm } = await rack.join(0);
  const peer = callAsPeer(t, { host: '127.0.0.10', port: host.port }, metainfo);
  peer.send(encodeBare('haveNone'), encodeBare('interested'));
  claimToBeOurs(peer, false);
  const view = { believed: new Set<number>(), gone: 0 };
  peer.onMessage((message) => follow(view, message, metainfo.pieceCount));
  const all = await readAll(swarm, { startByte: 0, endByte: content.length });
  t.true(all.equals(content));
  const isAgreed = () => view.believed.size === swarm.status().piecesHeld;
  await until('both agree', isAgreed);
  // What was asked of two may come once more.
  await sleep(1_000);
  await until('both agree still', isAgreed);
  t.true(view.gone > 100, `${view.gone}`);
  t.true(view.believed.size < metainfo.pieceCount);

  const believed = new Set(view.believed);
  const pieces = Array.from({ length: metainfo.pieceCount }, (_, piece) => piece);
  const range = (piece: number) => ({ piece, beginByte: 0, lengthBytes: ownBlockBytes });
  for (const piece of pieces) peer.send(encodeRange('request', range(piece)));
  const rejects = () => peer.messages.filter(({ type }) => type === 'reject').length;
  await until('all is answered', () => peer.blocks.length + rejects() === pieces.length);
  // What is read from the disk drives out what is in memory only: that is told once more.
  t.true(peer.blocks.length > view.believed.size / 2, `${peer.blocks.length} blocks`);
  t.true(peer.blocks.every(({ piece }) => believed.has(piece)));
  for (const { piece, bytes } of peer.blocks) {
    const start = piece * metainfo.pieceLengthBytes;
    t.true(bytes.equals(content.subarray(start, start + bytes.length)), `piece ${piece}`);
  }
});

test('a peer that has lost a piece is told that it is here', async (t) => {
  const { metainfo, content, source } = randomTorrent(2 * mebibyte);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const { host, swarm } = await rack.join(0);
  const peer = callAsPeer(t, { host: '127.0.0.10', port: host.port }, metainfo);
  const view = { believed: new Set<number>(), gone: 0 };
  peer.onMessage((message) => follow(view, message, metainfo.pieceCount));
  peer.send(encodeBare('haveNone'), encodeHave(3), encodeHave(7), encodeHave(11));
  claimToBeOurs(peer, false);
  await until('it is known', () => swarm.status().peers.some(({ pieces }) => pieces === 3));
  await readAll(swarm, { startByte: 0, endByte: content.length });
  const others = metainfo.pieceCount - 3;
  await until('all others are told', () => view.believed.size === others);
  const lost = (piece: number) => {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(piece);
    return encodeExtended(ownExtensionIds.donthave, payload);
  };
  peer.send(lost(7), lost(11), encodeHave(11));
  await until('it is told of the one that it has lost', () => view.believed.has(7));
  t.false(view.believed.has(3), 'what it has it need not hear of');
  peer.send(lost(3));
  await until('and of the next one', () => view.believed.has(3));
  t.is(view.gone, 0);
});

type View = { readonly believed: Set<number>; gone: number };

function follow(view: View, message: WireMessage, pieceCount: number): void {
  if (message.type !== 'extended') return;
  if (message.id === ownExtensionIds.donthave) {
    if (view.believed.delete(message.payload.readUInt32BE())) view.gone += 1;
  } else if (message.id === ownExtensionIds.scree) {
    const said = decodeScreeMessage(message.payload, pieceCount);
    if (said.kind === 'haves') for (const piece of said.pieces) view.believed.add(piece);
  }
}
