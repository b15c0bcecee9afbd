import test, { type ExecutionContext } from 'ava';
import { runForeign } from '../tracker/foreign-program.ts';
import {
  announceQuery,
  dictionaryOf,
  endpointsOf,
  escapeHex,
  infohash,
  peerIdOf,
  startTracker,
} from '../tracker/tracker-fixture.ts';

test('curl announces, scrapes and reads the figures', async (t) => {
  const { port } = await startTracker(t);
  const url = `http://127.0.0.1:${port}`;
  await curl(t, [`${url}/announce?${announceQuery({ port: 7001 })}`]);
  const other = announceQuery({ peer_id: peerIdOf('other'), port: 7002 });
  const reply = dictionaryOf(await curl(t, [`${url}/announce?${other}`]));
  t.deepEqual(endpointsOf(reply.peers), ['127.0.0.1:7001']);
  const scraped = await curl(t, [`${url}/scrape?info_hash=${escapeHex(infohash)}`]);
  t.true(scraped.includes('10:incompletei2e'));
  const stats = JSON.parse((await curl(t, [`${url}/stats.json`])).toString());
  t.is(stats.totals.leechers, 2);
});

test('curl is served over HTTP/1.0 and reuses one connection over HTTP/1.1', async (t) => {
  const { port } = await startTracker(t);
  const url = `http://127.0.0.1:${port}/announce?${announceQuery()}`;
  dictionaryOf(await curl(t, ['--http1.0', url]));
  const format = '%{num_connects}\n';
  const counts = await curl(t, ['--output', '/dev/null', '--write-out', format, `${url}&a=[1-3]`]);
  t.is(counts.toString(), '1\n0\n0\n');
});

async function curl(t: ExecutionContext, args: readonly string[]): Promise<Buffer> {
  const run = runForeign(t, 'curl', ['--silent', '--show-error', '--max-time', '10', ...args]);
  t.is(await run.ended, 0, run.output());
  return Buffer.from(run.output(), 'latin1');
}
