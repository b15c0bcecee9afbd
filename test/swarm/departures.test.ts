import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { addHonestPeer } from '../support/honest-peer.ts';
import { callAsPeer, until } from '../support/raw-peer.ts';
import {
  createSwarmRack,
  fallbackOf,
  frontendAddress,
  randomTorrent,
  readAll,
  sourceOf,
} from '../support/swarm-rack.ts';

const mebibyte = 1024 * 1024;

test('a peer that dies in the middle costs no bytes and nearly no time', async (t) => {
  const { content, metainfo, source } = randomTorrent(8 * mebibyte);
  const rack = await createSwarmRack({ metainfo, source, uploadBytesPerSecond: 4 * mebibyte });
  t.teardown(rack.close);
  const dying = await addHonestPeer(t, {
    host: '127.0.0.60',
    metainfo,
    content,
    mayAnswer: ({ socket }, answered) => {
      if (answered >= 40) socket.resetAndDestroy();
      return answered < 40;
    },
  });
  rack.tracker.add(dying.host, dying.port);
  const nodes = await Promise.all([0, 1, 2].map((number) => rack.join(number)));
  await until('it is known', () => dying.callers.length === 3);
  const range = { startByte: 0, endByte: content.length };
  const all = await Promise.all(nodes.map(({ swarm }) => readAll(swarm, range)));
  for (const bytes of all) t.true(bytes.equals(content));
  t.is(dying.answered(), 40);
  for (const { swarm } of nodes) t.deepEqual(swarm.status().offenders, []);
});

test('nodes that close while others download from them are replaced', async (t) => {
  const { content, metainfo, source } = randomTorrent(8 * mebibyte);
  const rack = await createSwarmRack({ metainfo, source, uploadBytesPerSecond: 4 * mebibyte });
  t.teardown(rack.close);
  const range = { startByte: 0, endByte: content.length };
  const nodes = await Promise.all([0, 1, 2, 3].map((number) => rack.join(number)));
  const [first, second, ...rest] = nodes;
  const leaving = [first, second].map(async (node) => {
    const reading = node && readAll(node.swarm, range).catch(() => undefined);
    await until('it has something', () => (node?.swarm.status().piecesHeld ?? 0) > 20);
    await node?.host.close();
    await reading;
  });
  const all = await Promise.all(rest.map(({ swarm }) => readAll(swarm, range)));
  for (const bytes of all) t.true(bytes.equals(content));
  await Promise.all(leaving);
});

test('a piece that vanished with the only peer that had it comes from the frontend by HTTP', async (t) => {
  const { content, metainfo } = randomTorrent(2 * mebibyte);
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  const gone = await addHonestPeer(t, {
    host: '127.0.0.60',
    metainfo,
    content,
    mayAnswer: ({ socket }, answered) => {
      if (answered >= 10) socket.destroy();
      return answered < 10;
    },
  });
  rack.tracker.add(gone.host, gone.port);
  const { swarm } = await rack.join(0, { fallback: fallbackOf(content) });
  await until('it is connected', () => swarm.status().peers.length === 1);
  const bytes = await readAll(swarm, { startByte: 0, endByte: content.length });
  t.true(bytes.equals(content));
  const { counters } = swarm.status();
  t.true(counters.receivedFromPeersBytes > 0 && counters.receivedByHttpBytes > 0);
});

test('a piece that only one peer has is fetched from it, whatever the others have', async (t) => {
  const { content, metainfo } = randomTorrent(2 * mebibyte);
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  const odd = [...Array(metainfo.pieceCount).keys()].filter((piece) => piece % 2 === 1);
  const even = odd.map((piece) => piece - 1);
  for (const [index, pieces] of [odd, odd, even].entries()) {
    const peer = await addHonestPeer(t, {
      host: `127.0.0.${60 + index}`,
      metainfo,
      content,
      pieces,
    });
    rack.tracker.add(peer.host, peer.port);
  }
  const { swarm } = await rack.join(0);
  const bytes = await readAll(swarm, { startByte: 0, endByte: content.length });
  t.true(bytes.equals(content));
});

test('nodes that hold all pieces between them finish without the frontend', async (t) => {
  const { content, metainfo, source } = randomTorrent(4 * mebibyte);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const nodes = await Promise.all([0, 1, 2].map((number) => rack.join(number)));
  const third = Math.ceil(content.length / 3);
  await Promise.all(
    nodes.map(({ swarm }, index) => {
      const endByte = Math.min(content.length, (index + 1) * third);
      return readAll(swarm, { startByte: index * third, endByte });
    }),
  );
  await rack.frontend?.host.close();
  await until('it is gone', () =>
    nodes.every(({ swarm }) => !swarm.status().peers.some((peer) => peer.frontend)),
  );
  const range = { startByte: 0, endByte: content.length };
  const all = await Promise.all(nodes.map(({ swarm }) => readAll(swarm, range)));
  for (const bytes of all) t.true(bytes.equals(content));
});

test('a frontend that comes back goes on where it was', async (t) => {
  const { content, metainfo, source } = randomTorrent(6 * mebibyte);
  const rack = await createSwarmRack({ metainfo, source, uploadBytesPerSecond: 2 * mebibyte });
  t.teardown(rack.close);
  const nodes = await Promise.all([0, 1].map((number) => rack.join(number)));
  const range = { startByte: 0, endByte: content.length };
  const reading = Promise.all(nodes.map(({ swarm }) => readAll(swarm, range)));
  await until('something came', () => nodes.every(({ swarm }) => swarm.status().piecesHeld > 10));
  const port = rack.frontend?.host.port ?? 0;
  await rack.frontend?.host.close();
  await sleep(1000);
  const again = await rack.startFrontend(source, port);
  for (const bytes of await reading) t.true(bytes.equals(content));
  const sentBytes = again.seed.status().counters.sentBytes;
  t.true(sentBytes > 0 && sentBytes < 2 * content.length, `${sentBytes}`);
});

test('a frontend that comes back is found by a node that has more than enough peers', async (t) => {
  const { metainfo, source } = randomTorrent(mebibyte);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const { swarm, host } = await rack.join(0);
  const frontends = () => swarm.status().peers.filter((peer) => peer.frontend).length;
  await until('the frontend is known', () => frontends() === 1);
  for (let index = 0; index < 60; index += 1) {
    const at = { host: '127.0.0.10', port: host.port };
    callAsPeer(t, at, { infohash: metainfo.infohash, from: `127.0.3.${index + 1}` });
  }
  await until('the others are there', () => swarm.status().peers.length >= 45);
  t.true(swarm.status().peers.length < 50, 'a node of one rack has no more');
  const port = rack.frontend?.host.port ?? 0;
  await rack.frontend?.host.close();
  await until('it is gone', () => frontends() === 0);
  await rack.startFrontend(source, port);
  await until('it is found again', () => frontends() === 1, 30_000);
});

test('a frontend whose file changed gives an error instead of bytes, and the rest all the same', async (t) => {
  const { content, metainfo } = randomTorrent(2 * mebibyte);
  const bad = 17;
  const rack = await createSwarmRack({
    metainfo,
    source: {
      read: (offset, length) =>
        Math.floor(offset / 65_536) === bad
          ? Promise.reject(new Error('the file has changed'))
          : sourceOf(content).read(offset, length),
    },
  });
  t.teardown(rack.close);
  const { swarm } = await rack.join(0);
  const badByte = bad * 65_536;
  const before = await readAll(swarm, { startByte: 0, endByte: badByte });
  const after = await readAll(swarm, { startByte: badByte + 65_536, endByte: content.length });
  t.true(
    Buffer.concat([before, content.subarray(badByte, badByte + 65_536), after]).equals(content),
  );
  const range = { startByte: badByte + 5, endByte: badByte + 9 };
  await t.throwsAsync(readAll(swarm, range, AbortSignal.timeout(3000)), { name: 'TimeoutError' });
  t.is(swarm.status().piecesHeld, metainfo.pieceCount - 1);
  t.deepEqual(swarm.status().offenders, []);
  const status = rack.seed?.status();
  t.true((status?.counters.sentBytes ?? 0) < 2 * content.length);
});

test('a source that gives fewer bytes than asked for makes nobody a liar', async (t) => {
  const { content, metainfo } = randomTorrent(mebibyte);
  const rack = await createSwarmRack({
    metainfo,
    source: {
      read: (offset, length) => {
        const short = Math.floor(offset / 65_536) === 3 ? 100 : 0;
        return sourceOf(content).read(offset, length - short);
      },
    },
  });
  t.teardown(rack.close);
  const { swarm } = await rack.join(0);
  const end = 3 * 65_536;
  t.true((await readAll(swarm, { startByte: 0, endByte: end })).equals(content.subarray(0, end)));
  const range = { startByte: end, endByte: end + 10 };
  await t.throwsAsync(readAll(swarm, range, AbortSignal.timeout(2000)), { name: 'TimeoutError' });
  t.deepEqual(swarm.status().offenders, []);
  t.true(swarm.status().peers.some((peer) => peer.address.startsWith(frontendAddress)));
});
