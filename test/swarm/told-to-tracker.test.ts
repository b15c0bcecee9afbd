import test from 'ava';
import { encodeBare, encodeBitfield, encodeHave } from '../../src/protocol/peer-wire/messages.ts';
import { addHonestPeer } from '../support/honest-peer.ts';
import { callAsPeer, until } from '../support/raw-peer.ts';
import { createSwarmRack, frontendAddress, randomTorrent, readAll } from '../support/swarm-rack.ts';
import { createCatalog, get, startTracker } from '../tracker/tracker-fixture.ts';

const pieceCount = 40;
const { content, metainfo, source } = randomTorrent(pieceCount * 65_536);
const { infohash } = metainfo;
const everything = { startByte: 0, endByte: content.length };

test('agents tell the tracker from whom they got what, and whom they dropped', async (t) => {
  const catalog = createCatalog([{ infohash, totalSizeBytes: content.length }]);
  const { tracker, port } = await startTracker(t, { catalog, intervalSeconds: 1 });
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const seedPort = rack.frontend?.host.port ?? 0;
  tracker.addOwnSeed({ infohash, port: seedPort, address: frontendAddress });
  const trackers = [`http://127.0.0.1:${port}/announce`];
  const nodes = await Promise.all([1, 2, 3].map((number) => rack.join(number, { trackers })));
  await Promise.all(nodes.map(({ swarm }) => readAll(swarm, everything)));

  const received = nodes.map(({ swarm }) => swarm.status().counters);
  const fromPeersBytes = received.reduce((sum, each) => sum + each.receivedFromPeersBytes, 0);
  t.true(fromPeersBytes > 0);
  const told = () => tracker.stats().totals;
  await until('all bytes', () => told().fromOwnRackBytes === fromPeersBytes, 60_000);
  const { flows, totals } = tracker.stats();
  t.is(totals.fromOtherRacksBytes, 0);
  const names = nodes.map(({ host }, index) => `127.0.0.${11 + index}:${host.port}`);
  const { byNode } = flows;
  t.deepEqual(byNode?.receivers, names);
  t.true(byNode?.sources.every((name) => name === 'frontend' || names.includes(name)));
  const columns = names.map((_, column) =>
    byNode?.bytes.reduce((sum, row) => sum + (row[column] ?? 0), 0),
  );
  t.deepEqual(
    columns,
    names.map(() => content.length),
  );

  const [node] = nodes;
  const at = { host: '127.0.0.11', port: node?.host.port ?? 0 };
  const offender = callAsPeer(t, at, { infohash, from: '127.0.0.77' });
  offender.send(encodeHave(pieceCount));
  await until('its name', () => tracker.stats().offences === 1, 60_000);
  const [named] = tracker.stats().offenders;
  t.like(named, { by: names[0], reports: 1 });
  t.regex(named?.address ?? '', /^127\.0\.0\.77:\d+$/);
  const page = (await get(`http://127.0.0.1:${port}/stats`)).body.toString();
  t.true(page.includes('By node, in '));
  t.true(page.includes(`<td>${named?.address}</td>`));
});

test('a peer that claims everything and gives nothing is named to the tracker', async (t) => {
  const catalog = createCatalog([{ infohash, totalSizeBytes: content.length }]);
  const { tracker, port } = await startTracker(t, { catalog });
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  const trackers = [`http://127.0.0.1:${port}/announce`];
  const { host, swarm } = await rack.join(1, { trackers });
  const at = { host: '127.0.0.11', port: host.port };
  const idle = callAsPeer(t, at, { infohash, from: '127.0.0.78' });
  idle.send(encodeBitfield(Buffer.alloc(pieceCount / 8, 0xff)), encodeBare('unchoke'));
  const ended = new AbortController();
  const reading = readAll(swarm, everything, ended.signal);
  await until('its name', () => tracker.stats().offences > 0, 60_000);
  t.like(tracker.stats().offenders[0], { reason: 'gives nothing of what it is asked' });
  t.regex(tracker.stats().offenders[0]?.address ?? '', /^127\.0\.0\.78:/);
  ended.abort();
  await t.throwsAsync(reading);
});

test('a peer that dies while it is asked for something is named to the tracker', async (t) => {
  const catalog = createCatalog([{ infohash, totalSizeBytes: content.length }]);
  const { tracker, port } = await startTracker(t, { catalog });
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const seedPort = rack.frontend?.host.port ?? 0;
  tracker.addOwnSeed({ infohash, port: seedPort, address: frontendAddress });
  const dying = await addHonestPeer(t, {
    ...{ host: '127.0.0.79', metainfo, content },
    mayAnswer: ({ socket }, answered) => {
      if (answered >= 4) socket.resetAndDestroy();
      return answered < 4;
    },
  });
  const id = '-XX0100-diesinmiddle';
  const query = `port=${dying.port}&peer_id=${id}&uploaded=0&downloaded=0&left=0&event=started`;
  const hash = infohash.replaceAll(/../g, '%$&');
  const url = `http://127.0.0.1:${port}/announce?info_hash=${hash}&${query}`;
  t.is((await get(url, { from: dying.host })).status, 200);

  const { swarm } = await rack.join(1, { trackers: [`http://127.0.0.1:${port}/announce`] });
  t.true((await readAll(swarm, everything)).equals(content));
  await until('its name', () => tracker.stats().offences > 0, 60_000);
  t.like(tracker.stats().offenders[0], { reason: 'hung up while it was asked', reports: 1 });
  t.regex(tracker.stats().offenders[0]?.address ?? '', /^127\.0\.0\.79:/);
  t.deepEqual(swarm.status().offenders, [], 'to die is no offence for which it would be shut out');
});
