import test from 'ava';
import type { Peer } from '../../src/swarm/peer.ts';
import type { PeerConnection } from '../../src/swarm/peer-connection.ts';
import { PeerSet } from '../../src/swarm/peer-set.ts';

const ownId = '80'.repeat(20);

function connectionOf(number: number, outgoing: boolean): PeerConnection {
  const peerId = Buffer.alloc(20, 0);
  peerId.writeUInt32BE(number);
  const handshake = { peerId } as PeerConnection['handshake'];
  return { handshake, outgoing, address: `10.1.0.${number}:6881` } as PeerConnection;
}

/** Lets so many in, if there is room. Returns how many there are then. */
function fill(peers: PeerSet, count: number, outgoing: boolean): number {
  for (let number = peers.size + 1, end = number + count; number < end; number += 1) {
    const connection = connectionOf(number, outgoing);
    if (!peers.makeRoomFor(connection)) continue;
    const id = connection.handshake.peerId.toString('hex');
    peers.add({ id, address: connection.address } as Peer);
  }
  return peers.size;
}

test('calling ends while there is room for callers, and own calls find room where callers find none', (t) => {
  const peers = new PeerSet(ownId, () => 20);
  t.is(peers.wanted, 15);
  t.is(fill(peers, 15, true), 15);
  t.is(peers.wanted, 0);
  t.is(fill(peers, 15, false), 20);
  t.is(peers.wanted, -5);
  t.is(fill(peers, 15, true), 24);
});

test('how many there may be can grow', (t) => {
  let most = 20;
  const peers = new PeerSet(ownId, () => most);
  t.is(fill(peers, 30, false), 20);
  most = 30;
  t.is(peers.wanted, 5);
  t.is(fill(peers, 30, false), 30);
});
