import { Bitfield } from '../../protocol/bitfield.ts';
import type { BlockRange } from '../../protocol/peer-wire/messages.ts';
import type { PeerAddress } from '../../swarm/ask-trackers.ts';
import { idleOwner } from '../../swarm/idle-owner.ts';
import { Peer, type PeerOwner } from '../../swarm/peer.ts';
import type { PeerConnection } from '../../swarm/peer-connection.ts';
import type { Machine } from './machine.ts';
import type { Rack } from './model-node.ts';
import { swarmPort } from './network.ts';
import { Reading } from './reading.ts';

export type BadPeerKind = 'silent' | 'liar';

const announceMs = 30_000;
const callsAtOnce = 20;

/**
 * A peer that claims to have everything. A silent one gives nothing of it, a liar wrong bytes, as
 * fast as its port allows.
 */
export function startBadPeer(
  rack: Rack,
  kind: BadPeerKind,
  { machine, peerId }: { readonly machine: Machine; readonly peerId: Buffer },
): void {
  const { network, memory, metainfo, tracker } = rack;
  const place = { machine, reading: new Reading(network.time), lies: kind === 'liar' };
  const everything = new Bitfield(metainfo.pieceCount);
  everything.addAll();
  const own = { frontend: false, client: 'bad', listenPort: swarmPort, requestQueueLength: 500 };
  const peers = new Set<string>();
  let inRack: number | undefined;

  const owner: PeerOwner = {
    ...idleOwner,
    metainfo,
    onRequest: (peer: Peer, range: BlockRange) => {
      if (kind === 'liar') peer.wire.sendBlock(range, memory.bytes(range.lengthBytes));
    },
    onClosed: (peer: Peer) => void peers.delete(hostOf(peer.address)),
  };

  const accept = (connection: PeerConnection): boolean => {
    const host = hostOf(connection.address);
    if (peers.has(host)) return false;
    peers.add(host);
    new Peer(connection, owner, { ...own, rack: inRack }).introduce(everything);
    return true;
  };

  const call = async (address: PeerAddress): Promise<void> => {
    const asked = { infohash: metainfo.infohash, peerId, localAddress: undefined };
    const connection = await network.call(place, address, asked);
    if (!accept(connection)) connection.discard();
  };

  const ask = tracker.askFrom(machine.ip, machine.latencyMs);
  const announce = async (): Promise<void> => {
    const figures = { uploadedBytes: 0, downloadedBytes: 0, leftBytes: 0, fromFrontendBytes: 0 };
    const asker = { peerId, port: swarmPort, state: () => figures };
    const answer = await ask({ ...asker, ...unused, infohash: metainfo.infohash }, 'started');
    inRack = answer.rack;
    const strangers = answer.peers.filter(({ host }) => !peers.has(host));
    for (const address of strangers.slice(0, callsAtOnce)) call(address).catch(() => {});
  };

  network.listen({ place, peerId, accept });
  announce().catch(() => {});
  network.time.every(announceMs, () => void announce().catch(() => {}));
}

const unused = { trackers: [], localAddress: undefined, role: undefined };

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '');
}
