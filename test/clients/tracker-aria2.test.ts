import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type ForeignProgram, runForeign } from '../tracker/foreign-program.ts';
import { type SharedFile, shareFile } from '../tracker/torrent-fixture.ts';
import { until } from '../tracker/until.ts';

for (const scheme of ['http', 'udp'] as const) {
  test(`aria2 finds a seed through the ${scheme} tracker and tells when it is done`, async (t) => {
    const shared = await shareFile(t);
    const torrent = await shared.writeTorrent(`${scheme}://127.0.0.1:${shared.port}/announce`);
    aria2(t, torrent, ['--check-integrity', `--dir=${shared.seedFolder}`]);
    await until('a seed', () => swarmOf(shared)?.seeds || undefined);
    const fetcher = aria2(t, torrent, [`--dir=${shared.fetchFolder}`]);
    await until('a completed download', () => swarmOf(shared)?.completed || undefined);
    const fetched = await readFile(join(shared.fetchFolder, shared.name));
    t.true(fetched.equals(shared.content));
    t.like(swarmOf(shared), { seeds: 2, leechers: 0, completed: 1 });
    t.true((swarmOf(shared)?.downloadedBytes ?? 0) >= shared.content.length);
    t.regex(swarmOf(shared)?.peers[0]?.client ?? '', /^aria2 1\./);
    await fetcher.stop('SIGINT');
    await until('its farewell', () => swarmOf(shared)?.seeds === 1 || undefined);
  });
}

test('aria2 shows why an announce was refused', async (t) => {
  const shared = await shareFile(t);
  const other = await shareFile(t);
  const torrent = await shared.writeTorrent(`http://127.0.0.1:${other.port}/announce`);
  const fetcher = aria2(t, torrent, [`--dir=${shared.fetchFolder}`, '--console-log-level=info']);
  await until('the reason in its log', () => fetcher.output().includes(reason) || undefined);
  t.is(other.tracker.stats().totals.announces, 0);
  t.true(other.tracker.stats().refusals['unknown-infohash'] > 0);
});

const reason = 'expected the infohash of a torrent offered here';

function aria2(t: ExecutionContext, torrent: string, options: readonly string[]): ForeignProgram {
  return runForeign(t, 'aria2c', [
    '--no-conf',
    '--interface=127.0.0.1',
    // Its UDP tracker client uses the DHT's socket; the torrent is private, so nothing else does.
    '--enable-dht=true',
    '--dht-entry-point=127.0.0.1:9',
    `--dht-file-path=${torrent}.dht`,
    '--enable-dht6=false',
    '--bt-enable-lpd=false',
    '--enable-peer-exchange=false',
    '--file-allocation=none',
    '--listen-port=20000-29999',
    '--dht-listen-port=20000-29999',
    '--seed-ratio=0.0',
    '--summary-interval=0',
    ...options,
    torrent,
  ]);
}

function swarmOf({ tracker, infohash }: SharedFile) {
  return tracker.stats().swarms.find((swarm) => swarm.infohash === infohash);
}
