import { randomBytes } from 'node:crypto';
import test from 'ava';
import { createMetainfo } from '../../src/protocol/metainfo.ts';
import { encodeHave, encodeRange } from '../../src/protocol/peer-wire/messages.ts';
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
    open: () => wire,
  };
  const own = { frontend: false, client: 'test', listenPort: 1, requestQueueLength: 1 };
  return { said, peer: new Peer(connection, { ...idleOwner, metainfo, ...owner }, own) };
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
