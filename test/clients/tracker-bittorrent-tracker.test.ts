import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import Client from 'bittorrent-tracker/client';
import {
  infohash,
  otherInfohash,
  peerIdOf,
  type RunningTracker,
  startTracker,
} from '../tracker/tracker-fixture.ts';

for (const scheme of ['http', 'udp'] as const) {
  test(`two of its clients find each other through the ${scheme} tracker`, async (t) => {
    const running = await startTracker(t);
    const one = client(t, running, { scheme, port: 7001 });
    one.start({ left: 0 });
    await once(one, 'update');
    const other = client(t, running, { scheme, port: 7002 });
    other.start({ left: 5 * 2 ** 30 });
    const [peer] = await once(other, 'peer');
    t.is(peer, '127.0.0.1:7001');
    t.is(running.tracker.stats().swarms[0]?.peers[1]?.seed, false);
    other.complete({ left: 0, downloaded: 5 * 2 ** 30 });
    const [update] = await once(other, 'update');
    t.like(update, { complete: 2, incomplete: 0 });
    t.like(running.tracker.stats().totals, { completed: 1, downloadedBytes: 5 * 2 ** 30 });
    other.stop();
    await once(other, 'update');
    t.is(running.tracker.stats().totals.seeds, 1);
  });

  test(`its client is told by ${scheme} why an announce was refused`, async (t) => {
    const running = await startTracker(t);
    const one = client(t, running, { scheme, port: 7001, infoHash: otherInfohash });
    one.start();
    const [warning] = await once(one, 'warning');
    t.true(String(warning.message).includes('expected the infohash of a torrent offered here'));
  });
}

// By HTTP its client reads the binary keys of a scrape as text, so only UDP can be asked.
test('its client scrapes by datagram', async (t) => {
  const running = await startTracker(t);
  const one = client(t, running, { scheme: 'udp', port: 7001 });
  one.start({ left: 0 });
  await once(one, 'update');
  one.scrape();
  const [scraped] = await once(one, 'scrape');
  t.like(scraped, { infoHash: infohash, complete: 1, incomplete: 0, downloaded: 0 });
});

function client(
  t: ExecutionContext,
  running: RunningTracker,
  options: { readonly scheme: string; readonly port: number; readonly infoHash?: string },
): Client {
  const { scheme, port, infoHash = infohash } = options;
  const announce = [`${scheme}://127.0.0.1:${running.port}/announce`];
  const peerId = peerIdOf('-WW0100-', port);
  const made = new Client({ infoHash, peerId, announce, port, wrtc: false });
  t.teardown(() => made.destroy());
  return made;
}
