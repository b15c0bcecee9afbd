import test from 'ava';
import { encodeRange } from '../../src/protocol/peer-wire/messages.ts';
import { callAsPeer, until } from '../support/raw-peer.ts';
import { createSwarmRack, frontendAddress, randomTorrent, readAll } from '../support/swarm-rack.ts';

const mebibyte = 1024 * 1024;

test('a frontend sends no more than its cap, and nearly that', async (t) => {
  const { content, metainfo, source } = randomTorrent(4 * mebibyte);
  const rack = await createSwarmRack({ metainfo, source, uploadBytesPerSecond: 2 * mebibyte });
  t.teardown(rack.close);
  const nodes = await Promise.all([0, 1, 2].map((number) => rack.join(number)));
  const startedAtMs = performance.now();
  const range = { startByte: 0, endByte: content.length };
  await Promise.all(nodes.map(({ swarm }) => readAll(swarm, range)));
  const seconds = (performance.now() - startedAtMs) / 1000;
  const sentBytes = rack.seed?.status().counters.sentBytes ?? 0;
  t.true(sentBytes <= (seconds + 0.1) * 2 * mebibyte + 131_072, `${sentBytes} in ${seconds} s`);
});

test('with a cap, a greedy peer does not take the others their share', async (t) => {
  const { content, metainfo, source } = randomTorrent(2 * mebibyte);
  const rack = await createSwarmRack({ metainfo, source, uploadBytesPerSecond: mebibyte });
  t.teardown(rack.close);
  const at = { host: frontendAddress, port: rack.frontend?.host.port ?? 0 };
  const greedy = callAsPeer(t, at, { infohash: metainfo.infohash });
  const shown = () => greedy.messages.find((message) => message.type === 'have');
  await until('a piece is shown', () => shown() !== undefined);
  const request = encodeRange('request', {
    piece: shown()?.piece ?? 0,
    beginByte: 0,
    lengthBytes: 65_536,
  });
  let asked = 0;
  const timer = setInterval(() => {
    for (; asked - greedy.blocks.length < 40; asked += 1) greedy.send(request);
  }, 20);
  t.teardown(() => clearInterval(timer));
  const { swarm } = await rack.join(0);
  const bytes = await readAll(swarm, { startByte: 0, endByte: content.length });
  t.true(bytes.equals(content));
  const greedyBytes = greedy.blocks.length * 65_536;
  t.true(greedyBytes < 6 * content.length, `${greedyBytes} bytes for the greedy one`);
});
