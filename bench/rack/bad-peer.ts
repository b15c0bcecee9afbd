import { randomBytes } from 'node:crypto';
import { setInterval as every } from 'node:timers/promises';
import { Bitfield } from '../../src/protocol/bitfield.ts';
import { decodeTorrent } from '../../src/protocol/metainfo.ts';
import type { BlockRange } from '../../src/protocol/peer-wire/messages.ts';
import { askTrackers, type PeerAddress } from '../../src/swarm/ask-trackers.ts';
import { callPeer } from '../../src/swarm/handshakes.ts';
import { idleOwner } from '../../src/swarm/idle-owner.ts';
import { Peer, type PeerOwner } from '../../src/swarm/peer.ts';

// usage: bad-peer.ts silent|liar TORRENT-URL
//
// A peer of a swarm that claims to have everything, as one of our own agents would. It calls all whom
// the tracker names, prints `ready` when it knows somebody, and `offends` when it first gives nothing
// (silent), or wrong bytes (liar), of what it is asked.

const [kind, torrentUrl = ''] = process.argv.slice(2);
const announceMs = 2_000;
const swarmPort = 6881;

const { metainfo, sources } = decodeTorrent(
  Buffer.from(await (await fetch(torrentUrl)).arrayBuffer()),
);
const everything = new Bitfield(metainfo.pieceCount);
everything.addAll();
const wrongBytes = randomBytes(128 * 1024);
const peerId = Buffer.from(`-BAD000-${randomBytes(6).toString('hex')}`, 'latin1');
const called = new Set<string>();
const said = new Set<string>();

const owner: PeerOwner = {
  ...idleOwner,
  metainfo,
  onRequest: (peer: Peer, range: BlockRange) => {
    sayOnce('offends');
    if (kind === 'liar') peer.wire.sendBlock(range, wrongBytes.subarray(0, range.lengthBytes));
  },
};

await announce();
for await (const _ of every(announceMs)) await announce();

async function announce(): Promise<void> {
  const state = { uploadedBytes: 0, downloadedBytes: 0, leftBytes: 0, fromFrontendBytes: 0 };
  const about = { trackers: sources.trackers, infohash: metainfo.infohash, state: () => state };
  const place = { peerId, port: swarmPort, localAddress: undefined, role: undefined };
  const answer = await askTrackers({ ...about, ...place }, undefined).catch(() => undefined);
  await Promise.all((answer?.peers ?? []).map((address) => call(address, answer?.rack)));
}

async function call(address: PeerAddress, rack: number | undefined): Promise<void> {
  if (called.has(address.host)) return;
  called.add(address.host);
  const caller = { infohash: metainfo.infohash, peerId, localAddress: undefined };
  try {
    const connection = await callPeer(address, caller);
    const own = { frontend: false, client: 'bad', listenPort: swarmPort, requestQueueLength: 500 };
    new Peer(connection, owner, { ...own, rack }).introduce(everything);
    sayOnce('ready');
  } catch {
    called.delete(address.host);
  }
}

function sayOnce(word: string): void {
  if (said.has(word)) return;
  said.add(word);
  process.stdout.write(`${word}\n`);
}
