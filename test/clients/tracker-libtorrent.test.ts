import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type ForeignProgram, runForeign } from '../tracker/foreign-program.ts';
import { type SharedFile, shareFile } from '../tracker/torrent-fixture.ts';
import { until } from '../tracker/until.ts';

const script = join(import.meta.dirname, 'tracker-libtorrent.py');

for (const scheme of ['http', 'udp'] as const) {
  for (const address of ['127.0.0.1', '::1'] as const) {
    test(`libtorrent finds a seed through the ${scheme} tracker at ${address}`, async (t) => {
      const shared = await shareFile(t, { host: address });
      const host = address.includes(':') ? `[${address}]` : address;
      const torrent = await shared.writeTorrent(`${scheme}://${host}:${shared.port}/announce`);
      libtorrent(t, [torrent, shared.seedFolder, 'seed', address]);
      await until('a seed', () => swarmOf(shared)?.seeds || undefined);
      const fetcher = libtorrent(t, [torrent, shared.fetchFolder, 'fetch', address]);
      await until('its end', () => fetcher.output().includes('finished') || undefined);
      const fetched = await readFile(join(shared.fetchFolder, shared.name));
      t.true(fetched.equals(shared.content));
      await until('a completed download', () => swarmOf(shared)?.completed || undefined);
      t.like(swarmOf(shared), { seeds: 2, leechers: 0, completed: 1 });
      t.deepEqual(
        swarmOf(shared)?.peers.map((peer) => peer.address),
        [address, address],
      );
      t.regex(swarmOf(shared)?.peers[0]?.client ?? '', /^libtorrent 2\./);
    });
  }
}

// By datagram this client drops the text of a failure and shows only that there was one.
const shown = {
  http: 'expected the infohash of a torrent offered here',
  udp: 'tracker sent a failure message',
} as const;

for (const scheme of ['http', 'udp'] as const) {
  test(`libtorrent shows that the ${scheme} tracker refused an announce`, async (t) => {
    const shared = await shareFile(t);
    const other = await shareFile(t);
    const torrent = await shared.writeTorrent(`${scheme}://127.0.0.1:${other.port}/announce`);
    const fetcher = libtorrent(t, [torrent, shared.fetchFolder, 'fetch', '127.0.0.1']);
    await until('the refusal', () => fetcher.output().includes(shown[scheme]) || undefined);
    t.is(other.tracker.stats().totals.announces, 0);
    t.true(other.tracker.stats().refusals['unknown-infohash'] > 0);
  });
}

function libtorrent(t: ExecutionContext, args: readonly string[]): ForeignProgram {
  return runForeign(t, '/usr/bin/python3', [script, ...args]);
}

function swarmOf({ tracker, infohash }: SharedFile) {
  return tracker.stats().swarms.find((swarm) => swarm.infohash === infohash);
}
