import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { encodeRange } from '../../src/protocol/peer-wire/messages.ts';
import { callAsPeer, listenAsPeer, until } from '../support/raw-peer.ts';
import { createSwarmRack, frontendAddress, randomTorrent, readAll } from '../support/swarm-rack.ts';

const mebibyte = 1024 * 1024;

test('who asks for another torrent, or for nothing known, is not served', async (t) => {
  const { metainfo, source } = randomTorrent(mebibyte);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const { host, swarm } = await rack.join(0);
  const targets = [
    { host: '127.0.0.10', port: host.port },
    { host: frontendAddress, port: rack.frontend?.host.port ?? 0 },
  ];
  for (const at of targets) {
    const other = callAsPeer(t, at, { infohash: randomBytes(20).toString('hex') });
    const http = callAsPeer(t, at, { infohash: '', shakeHands: false });
    http.send(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.padEnd(100)));
    await until('both are closed', () => other.isClosed() && http.isClosed());
    t.is(other.theirId(), undefined);
  }
  t.deepEqual(swarm.status().offenders, []);
});

test('a peer that answers for another torrent is not taken', async (t) => {
  const { content, metainfo, source } = randomTorrent(mebibyte);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const at = { host: '127.0.0.60', infohash: randomBytes(20).toString('hex') };
  const liar = await listenAsPeer(t, at, () => {});
  rack.tracker.add(liar.host, liar.port);
  const { swarm } = await rack.join(0);
  await until('it was called and left', () => liar.callers.some((peer) => peer.isClosed()));
  t.true((await readAll(swarm, { startByte: 0, endByte: content.length })).equals(content));
  t.is(swarm.status().peers.length, 1);
});

test('a node does not keep a connection to itself', async (t) => {
  const { content, metainfo, source } = randomTorrent(mebibyte);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const { host, swarm } = await rack.join(0);
  rack.tracker.add('127.0.0.10', host.port);
  rack.tracker.add('127.0.0.11', host.port);
  await readAll(swarm, { startByte: 0, endByte: content.length });
  await sleep(2000);
  t.deepEqual(
    swarm.status().peers.map((peer) => peer.frontend),
    [true],
  );
});

test('two nodes that call each other keep exactly one connection', async (t) => {
  const { metainfo } = randomTorrent(mebibyte);
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  const [one, other] = await Promise.all([rack.join(0), rack.join(1)]);
  rack.tracker.add('127.0.0.10', one.host.port);
  rack.tracker.add('127.0.0.11', other.host.port);
  const counts = () => [one, other].map(({ swarm }) => swarm.status().peers.length);
  await until('they are connected', () => counts().join() === '1,1');
  for (let turn = 0; turn < 40; turn += 1) {
    await sleep(50);
    t.true(
      counts().every((count) => count <= 1),
      `${counts()}`,
    );
  }
  await until('they stay so', () => counts().join() === '1,1');
});

test('300 strangers who say nothing do not keep nodes out', async (t) => {
  const { content, metainfo, source } = randomTorrent(mebibyte);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const at = { host: frontendAddress, port: rack.frontend?.host.port ?? 0 };
  let open = 0;
  const strangers = Array.from({ length: 300 }, () => {
    const socket = connect({ ...at, localAddress: '127.0.0.99' });
    socket
      .on('error', () => {})
      .on('connect', () => {
        open += 1;
      });
    return socket;
  });
  t.teardown(() => {
    for (const socket of strangers) socket.destroy();
  });
  await until('they are connected', () => open === 300);
  const { swarm } = await rack.join(0);
  const startedAtMs = performance.now();
  const bytes = await readAll(swarm, { startByte: 0, endByte: content.length });
  t.true(bytes.equals(content));
  const tookMs = performance.now() - startedAtMs;
  t.true(tookMs < 8000, `${tookMs} ms`);
});

test('many connections of one peer do not keep the others out', async (t) => {
  const { content, metainfo, source } = randomTorrent(mebibyte);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const helper = await rack.join(1);
  await readAll(helper.swarm, { startByte: 0, endByte: content.length });
  const at = { host: '127.0.0.11', port: helper.host.port };
  const crowd = Array.from({ length: 100 }, () =>
    callAsPeer(t, at, { infohash: metainfo.infohash, from: '127.0.0.99' }),
  );
  await until('they came', () => crowd.filter((peer) => peer.theirId() !== undefined).length > 50);
  await sleep(200);
  const peer = callAsPeer(t, at, { infohash: metainfo.infohash, from: '127.0.0.98' });
  peer.send(encodeRange('request', { piece: 0, beginByte: 0, lengthBytes: 16_384 }));
  await until('the newcomer is served', () => peer.blocks.length > 0, 5000);
  t.is(peer.blocks.length, 1);
});

test('nobody takes the place of a peer by calling himself by its id', async (t) => {
  const { content, metainfo, source } = randomTorrent(2 * mebibyte);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const spy = callAsPeer(
    t,
    { host: frontendAddress, port: rack.frontend?.host.port ?? 0 },
    { infohash: metainfo.infohash, from: '127.0.0.99' },
  );
  await until('the id of the frontend', () => spy.theirId() !== undefined);
  const nodes = await Promise.all([0, 1, 2, 3].map((number) => rack.join(number)));
  for (const [index, { host }] of nodes.entries()) {
    const at = { host: `127.0.0.${10 + index}`, port: host.port };
    const peerId = spy.theirId() ?? randomBytes(20);
    callAsPeer(t, at, { infohash: metainfo.infohash, from: '127.0.0.99', peerId });
  }
  await sleep(500);
  const range = { startByte: 0, endByte: content.length };
  for (const { swarm } of nodes) {
    t.true((await readAll(swarm, range, AbortSignal.timeout(20_000))).equals(content));
    t.true(swarm.status().peers.some((peer) => peer.address.startsWith(`${frontendAddress}:`)));
  }
});
