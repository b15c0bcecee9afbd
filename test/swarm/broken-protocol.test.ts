import test from 'ava';
import { encodeBencode } from '../../src/protocol/bencode.ts';
import {
  encodeBare,
  encodeBitfield,
  encodeExtended,
  encodeHave,
  encodeRange,
} from '../../src/protocol/peer-wire/messages.ts';
import { callAsPeer, claimToBeOurs, type RawPeer, until } from '../support/raw-peer.ts';
import { createSwarmRack, frontendAddress, randomTorrent, readAll } from '../support/swarm-rack.ts';

const pieceCount = 20;
const { content, metainfo, source } = randomTorrent(pieceCount * 65_536 - 1000);

const requestOf = (piece: number, beginByte: number, lengthBytes: number) =>
  encodeRange('request', { piece, beginByte, lengthBytes });
const wordsOf = (...words: readonly number[]) => {
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, index) => {
    bytes.writeUInt32BE(word, index * 4);
  });
  return bytes;
};
const screeMessage = (kind: number, ...words: readonly number[]) =>
  encodeExtended(2, Buffer.concat([Buffer.from([kind]), wordsOf(...words)]));

const misdeeds: readonly (readonly [string, (peer: RawPeer) => void])[] = [
  ['sends garbage', (peer) => peer.send(Buffer.alloc(5000, 0xfe))],
  ['announces a message of 4 GiB', (peer) => peer.send(wordsOf(0xffff_ffff))],
  ['announces a message of 1 MiB', (peer) => peer.send(wordsOf(0x10_0000), Buffer.alloc(100))],
  ['sends a bitfield that is too short', (peer) => peer.send(encodeBitfield(Buffer.alloc(2)))],
  ['sends a bitfield that is too long', (peer) => peer.send(encodeBitfield(Buffer.alloc(4)))],
  ['sets spare bits', (peer) => peer.send(encodeBitfield(Buffer.from([0, 0, 0x01])))],
  ['has a piece that is not there', (peer) => peer.send(encodeHave(pieceCount))],
  ['has piece 2^32 - 1', (peer) => peer.send(encodeHave(0xffff_ffff))],
  ['asks for a piece that is not there', (peer) => peer.send(requestOf(pieceCount, 0, 16_384))],
  ['asks past the end of a piece', (peer) => peer.send(requestOf(0, 65_536 - 100, 16_384))],
  ['asks past the end of the last piece', (peer) => peer.send(requestOf(19, 64_000, 1_000))],
  ['asks for bytes from 2^32 - 1 on', (peer) => peer.send(requestOf(0, 0xffff_ffff, 16_384))],
  ['asks for nothing', (peer) => peer.send(requestOf(0, 0, 0))],
  ['asks for 4 GiB', (peer) => peer.send(requestOf(0, 0, 0xffff_ffff))],
  ['sends a torn request', (peer) => peer.send(Buffer.from([0, 0, 0, 2, 6, 0]))],
  ['sends a choke with a tail', (peer) => peer.send(Buffer.from([0, 0, 0, 2, 0, 0]))],
  ['sends a torn block', (peer) => peer.send(Buffer.from([0, 0, 0, 3, 7, 0, 0]))],
  ['says hello in no bencode', (peer) => peer.send(encodeExtended(0, Buffer.from('l-3:')))],
  ['says hello in a list', (peer) => peer.send(encodeExtended(0, encodeBencode([1])))],
  [
    'says hello with lists in lists',
    (peer) => {
      peer.send(encodeExtended(0, Buffer.from('l'.repeat(60_000))));
    },
  ],
  [
    'no longer has a piece that is not there',
    (peer) => {
      peer.send(encodeExtended(1, wordsOf(pieceCount)));
    },
  ],
  [
    'sends a batch of haves with one too many',
    (peer) => {
      peer.send(screeMessage(0, 0, 1, pieceCount));
    },
  ],
  ['wants pieces past the end', (peer) => peer.send(screeMessage(1, pieceCount - 1, 2))],
  ['wants 2^31 pieces', (peer) => peer.send(screeMessage(1, 0, 0x7fff_ffff))],
  ['imports a piece that is not there', (peer) => peer.send(screeMessage(2, pieceCount))],
  ['speaks an unknown dialect of ours', (peer) => peer.send(screeMessage(9))],
];

const harmless: readonly (readonly [string, (peer: RawPeer) => void])[] = [
  ['sends messages of unknown kinds', (peer) => peer.send(Buffer.from([0, 0, 0, 3, 99, 1, 2]))],
  [
    'sends blocks nobody asked for',
    (peer) => {
      peer.send(Buffer.from([0, 0, 0x40, 9, 7, 0, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(16_384));
    },
  ],
  [
    'takes back requests it never made',
    (peer) => {
      peer.send(encodeRange('cancel', { piece: 9999, beginByte: 1, lengthBytes: 0xffff_ffff }));
    },
  ],
  [
    'refuses requests it never got',
    (peer) => {
      peer.send(encodeRange('reject', { piece: 0xffff_ffff, beginByte: 1, lengthBytes: 2 }));
    },
  ],
  [
    'changes its mind over and over',
    (peer) => {
      for (let turn = 0; turn < 200; turn += 1) {
        peer.send(
          ...(['choke', 'unchoke', 'interested', 'notInterested'] as const).map(encodeBare),
        );
      }
    },
  ],
  [
    'has and has not a piece, over and over',
    (peer) => {
      for (let turn = 0; turn < 200; turn += 1) {
        peer.send(encodeHave(3), encodeHave(3), encodeExtended(1, wordsOf(3)));
      }
    },
  ],
  [
    'says hello ten times, each time another',
    (peer) => {
      for (let turn = 0; turn < 10; turn += 1) claimToBeOurs(peer, turn % 2 === 0);
    },
  ],
  [
    'says that it imports everything, for racks that there are not',
    (peer) => {
      const all = Array.from({ length: pieceCount }, (_, piece) => piece);
      for (let rack = 0; rack < 10; rack += 1) {
        claimToBeOurs(peer, false, rack);
        peer.send(screeMessage(2, ...all));
      }
    },
  ],
  ['sends keep-alives without end', (peer) => peer.send(Buffer.alloc(40_000))],
];

type Rack = Awaited<ReturnType<typeof createSwarmRack>>;

/** One node and one frontend take all the misdeeds, each from an address of its own. */
async function createTargets(rack: Rack) {
  const node = await rack.join(0);
  return {
    'a node': {
      at: { host: '127.0.0.10', port: node.host.port },
      status: () => node.swarm.status(),
    },
    'a frontend': {
      at: { host: frontendAddress, port: rack.frontend?.host.port ?? 0 },
      status: () => rack.seed?.status() ?? node.swarm.status(),
    },
    swarm: node.swarm,
  };
}

const rack = await createSwarmRack({ metainfo, source });
const targets = await createTargets(rack);
test.after.always(() => rack.close());

for (const side of ['a node', 'a frontend'] as const) {
  for (const [index, [what, misbehave]] of misdeeds.entries()) {
    test(`a peer that ${what} is dropped and named by ${side}`, async (t) => {
      const { at, status } = targets[side];
      const from = `127.0.1.${index + 1}`;
      const peer = callAsPeer(t, at, { infohash: metainfo.infohash, from });
      misbehave(peer);
      await until('the end of the connection', peer.isClosed);
      const named = status().offenders.filter(({ address }) => address.startsWith(`${from}:`));
      t.is(named.length, 1);
      t.not(named[0]?.reason ?? '', '');
    });
  }

  for (const [index, [what, behave]] of harmless.entries()) {
    test(`a peer that ${what} does no harm to ${side}`, async (t) => {
      const { at, status } = targets[side];
      const from = `127.0.2.${index + 1}`;
      const peer = callAsPeer(t, at, { infohash: metainfo.infohash, from });
      behave(peer);
      const node = await rack.join(20 + index + (side === 'a node' ? 0 : 50));
      const bytes = await readAll(node.swarm, { startByte: 0, endByte: content.length });
      t.true(bytes.equals(content));
      t.false(status().offenders.some(({ address }) => address.startsWith(`${from}:`)));
      t.false(peer.isClosed());
    });
  }
}

for (const [index, side] of (['a node', 'a frontend'] as const).entries()) {
  test(`of what a peer says hello with, only the first sixteen times count at ${side}`, async (t) => {
    const { at, status } = targets[side];
    const from = `127.0.3.${index + 1}`;
    const peer = callAsPeer(t, at, { infohash: metainfo.infohash, from });
    for (let turn = 0; turn < 16; turn += 1) claimToBeOurs(peer, false, turn);
    for (let turn = 0; turn < 100; turn += 1) claimToBeOurs(peer, true, turn);
    peer.send(encodeHave(3));
    const known = () => status().peers.find(({ address }) => address.startsWith(`${from}:`));
    await until('all of it is read', () => known()?.pieces === 1);
    t.false(known()?.frontend);
  });
}

test('through all that a node reads its bytes', async (t) => {
  const bytes = await readAll(targets.swarm, { startByte: 0, endByte: content.length });
  t.true(bytes.equals(content));
  t.is(targets.swarm.status().piecesHeld, pieceCount);
});
