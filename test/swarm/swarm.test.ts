import test from 'ava';
import { createSwarmRack, randomTorrent, readAll } from '../support/swarm-rack.ts';

const mebibyte = 1024 * 1024;

test('one node reads everything from the seed', async (t) => {
  const { content, metainfo, source } = randomTorrent(20 * mebibyte + 123);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const { swarm } = await rack.join(0);
  const bytes = await readAll(swarm, { startByte: 0, endByte: content.length });
  t.true(bytes.equals(content));
  const { counters } = swarm.status();
  t.is(counters.receivedFromFrontendBytes, content.length);
  t.is(counters.receivedFromPeersBytes, 0);
});

test('eight nodes get their own bytes and most of them from each other', async (t) => {
  const { content, metainfo, source } = randomTorrent(16 * mebibyte);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const nodes = await Promise.all(Array.from({ length: 8 }, (_, number) => rack.join(number)));
  const range = { startByte: 1000, endByte: content.length - 5 };
  const all = await Promise.all(nodes.map(({ swarm }) => readAll(swarm, range)));
  for (const bytes of all) t.true(bytes.equals(content.subarray(1000, content.length - 5)));
  const sent = rack.seed?.status().counters.sentBytes ?? 0;
  t.true(sent < 3 * content.length, `the seed sent ${sent / content.length} copies`);
});
