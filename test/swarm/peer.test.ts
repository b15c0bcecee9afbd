import { randomBytes } from 'node:crypto';
import test from 'ava';
import { createMetainfo } from '../../src/protocol/metainfo.ts';
import {
  encodeHave,
  encodeRange,
  type WireMessage,
} from '../../src/protocol/peer-wire/messages.ts';
import { idleOwner } from '../../src/swarm/idle-owner.ts';
import { Peer, type PeerOwner } from '../../src/swarm/peer.ts';

const metainfo = createMetainfo({
  name: 'content',
  pieceLengthBytes: 65_536,
  pieceHashes: Buffer.alloc(40),
  files: [{ path: 'content', sizeBytes: 2 * 65_536 }],
  singleFile: true,
});

/** A peer of one owner, and all that is said to it. */
function createPeer(owner: Partial<PeerOwner>) {
  const said: Buffer[] = [];
  let hear: (message: WireMessage) => void = () => {};
  const handshake = {
    infohash: metainfo.infohash,
    peerId: randomBytes(20),
    fast: true,
    extended: false,
  };
  const wire = {
    closed: false,
    unsentBytes: 0,
    send: (message: Buffer) => void said.push(message),
    sendBlock: (_range: unknown, bytes: Buffer) => void said.push(bytes),
    close: () => {},
  };
  const connection = {
    ...{ handshake, address: '127.0.0.1:1', outgoing: true, discard: () => {} },
    open: (events: { readonly onMessage: (message: WireMessage) => void }) => {
      hear = events.onMessage;
      return wire;
    },
  };
  const own = { frontend: false, client: 'test', listenPort: 1, requestQueueLength: 1 };
  const peer = new Peer(connection, { ...idleOwner, metainfo, ...owner }, own);
  return { said, peer, hear: (message: WireMessage) => hear(message) };
}

const range = { piece: 0, beginByte: 0, lengthBytes: 16_384 };

test('before a request, a cancel and a block its owner may say what else there is to say', (t) => {
  const { said, peer } = createPeer({ onSpeaking: (spokenTo) => spokenTo.sendHaves([1]) });
  const block = randomBytes(16_384);
  peer.sendRange('request', range);
  peer.sendRange('cancel', range);
  peer.sendBlock(range, block, () => {});
  const have = encodeHave(1);
  const request = encodeRange('request', range);
  t.deepEqual(said, [have, request, have, encodeRange('cancel', range), have, block]);
});

test('who says again and again that it has everything is believed some times only', (t) => {
  let told = 0;
  const { peer, hear } = createPeer({
    onPieces: (_peer, pieces) => {
      told += pieces.length;
    },
  });
  for (let turn = 0; turn < 1_000; turn += 1) {
    hear({ type: 'haveAll' });
    peer.pieces.remove(0);
    peer.pieces.remove(1);
  }
  t.is(told, 16 * 2);
  hear({ type: 'have', piece: 1 });
  t.true(peer.pieces.has(1));
});
