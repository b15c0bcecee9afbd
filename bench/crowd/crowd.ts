import { once } from 'node:events';
import { Bitfield } from '../../src/protocol/bitfield.ts';
import { decodeTorrent } from '../../src/protocol/metainfo.ts';
import { type Crowd, CrowdAgent } from './crowd-agent.ts';

// usage: crowd.ts AGENTS TORRENT-URL
//
// So many agents of one swarm in one process, as a frontend sees them: each has a connection of its
// own, announces, says what it wants, fetches what it is shown, and tells what it has. What one has
// fetched the others have a moment later, though it is not sent: agents get it from each other.
// Prints `ready` when all are connected, begins when it reads a line, prints `done MESSAGES` when all
// have everything and have said so, and stays until its input ends.

const callsAtOnce = 50;
const [count = '', torrentUrl = ''] = process.argv.slice(2);

const torrent = decodeTorrent(Buffer.from(await (await fetch(torrentUrl)).arrayBuffer()));
const held = new Bitfield(torrent.metainfo.pieceCount);
const crowd: Crowd = { torrent, arrived: [], held, messages: 0 };
const agents = Array.from({ length: Number(count) }, (_, index) => new CrowdAgent(crowd, index));
for (let first = 0; first < agents.length; first += callsAtOnce) {
  await Promise.all(agents.slice(first, first + callsAtOnce).map((agent) => agent.join()));
}
process.stdout.write('ready\n');
await once(process.stdin, 'data');
await Promise.all(agents.map((agent) => agent.install()));
process.stdout.write(`done ${crowd.messages}\n`);
process.stdin.on('end', () => process.exit()).resume();
