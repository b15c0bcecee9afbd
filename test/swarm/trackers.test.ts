import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { encodeBencode } from '../../src/protocol/bencode.ts';
import { encodeHandshake } from '../../src/protocol/peer-wire/messages.ts';
import { listenAsPeer, until } from '../support/raw-peer.ts';
import {
  createSwarmRack,
  fallbackOf,
  frontendAddress,
  randomTorrent,
  readAll,
} from '../support/swarm-rack.ts';

const { content, metainfo, source } = randomTorrent(1024 * 1024 + 5);
const everything = { startByte: 0, endByte: content.length };

/** A tracker that answers as told. */
async function startTracker(t: ExecutionContext, answer: RequestListener) {
  const asked: URL[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '/', 'http://tracker'));
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/announce`, asked };
}

const compact = (host: string, port: number) =>
  Buffer.from([...host.split('.').map(Number), port >> 8, port & 255]);

const badAnswers: readonly (readonly [string, RequestListener])[] = [
  ['answers nonsense', (_, response) => void response.end('<html>not found</html>')],
  ['answers nothing', (_, response) => void response.end()],
  ['answers bytes that hang a naive decoder', (_, response) => void response.end('l-3:')],
  ['refuses', (_, response) => void response.end(encodeBencode({ 'failure reason': 'go away' }))],
  [
    'names peers that are none',
    (_, response) => {
      response.end(encodeBencode({ interval: 'x', peers: 7, peers6: [1, 2] }));
    },
  ],
  [
    'names addresses nobody can connect to',
    (_, response) => {
      const peers = [
        ['0.0.0.0', 1],
        ['127.0.0.1', 1],
        ['127.0.0.9', 65_535],
      ];
      const list = peers.map(([host, port]) => compact(String(host), Number(port)));
      response.end(encodeBencode({ interval: 1, peers: Buffer.concat(list) }));
    },
  ],
  [
    'hangs up in the middle',
    (request, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('d8:interval');
      setTimeout(() => request.socket.destroy(), 50);
    },
  ],
  [
    'sends without end',
    (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 'd')));
      };
      response.on('drain', more);
      more();
    },
  ],
  ['never answers', () => {}],
];

for (const [what, answer] of badAnswers) {
  test(`with a tracker that ${what} the bytes come all the same, and the node closes soon`, async (t) => {
    const rack = await createSwarmRack({ metainfo });
    t.teardown(rack.close);
    const tracker = await startTracker(t, answer);
    const node = await rack.join(0, { trackers: [tracker.url], fallback: fallbackOf(content) });
    await until('the tracker was asked', () => tracker.asked.length > 0);
    t.true((await readAll(node.swarm, everything)).equals(content));
    const startedAtMs = performance.now();
    await node.host.close();
    const tookMs = performance.now() - startedAtMs;
    t.true(tookMs < 4000, `${tookMs} ms`);
  });
}

for (const url of [
  'http://127.0.0.1:1/announce',
  'udp://127.0.0.1:1',
  'https://127.0.0.1:1',
  'x',
  '',
]) {
  test(`a tracker at '${url}' keeps nothing from working`, async (t) => {
    const rack = await createSwarmRack({ metainfo, source });
    t.teardown(rack.close);
    const { swarm } = await rack.join(0, { trackers: [url, rack.tracker.url] });
    t.true((await readAll(swarm, everything)).equals(content));
    t.is(swarm.status().peers.length, 1);
  });
}

test('the second tracker is asked when the first says nothing of use', async (t) => {
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const bad = await startTracker(t, (_, response) => void response.end('?'));
  const { swarm } = await rack.join(0, { trackers: [bad.url, rack.tracker.url] });
  t.true((await readAll(swarm, everything)).equals(content));
});

test('a tracker that never answers is not waited for where there is another', async (t) => {
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const hungUp: boolean[] = [];
  const dead = await startTracker(t, (request) => {
    request.socket.on('close', () => hungUp.push(true));
  });
  const { swarm } = await rack.join(0, { trackers: [dead.url, rack.tracker.url] });
  t.true((await readAll(swarm, everything)).equals(content));
  await until('it is left once the other has answered', () => hungUp.length > 0, 5_000);
});

test('a tracker that comes back is told everything anew', async (t) => {
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  let isUp = false;
  const peers = compact(frontendAddress, rack.frontend?.host.port ?? 0);
  const tracker = await startTracker(t, (_, response) => {
    if (isUp) response.end(encodeBencode({ interval: 1, peers }));
    else response.destroy();
  });
  const { swarm } = await rack.join(0, { trackers: [tracker.url] });
  await until('it was asked in vain', () => tracker.asked.length >= 2);
  isUp = true;
  t.true((await readAll(swarm, everything)).equals(content));
  const events = tracker.asked.map((url) => url.searchParams.get('event'));
  t.deepEqual(events.slice(0, 2), ['started', 'started']);
});

test('an announce says who asks, what it has had, and good-bye at the end', async (t) => {
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const peers = compact(frontendAddress, rack.frontend?.host.port ?? 0);
  const tracker = await startTracker(t, (_, response) => {
    response.end(encodeBencode({ interval: 1, peers }));
  });
  const node = await rack.join(0, { trackers: [`${tracker.url}?key=1`] });
  await until('the first announce', () => tracker.asked.length > 0);
  const first = tracker.asked[0]?.searchParams;
  t.is(first?.get('key'), '1');
  t.is(first?.get('port'), String(node.host.port));
  t.is(first?.get('left'), String(content.length));
  t.is(first?.get('compact'), '1');
  t.true(
    tracker.asked[0]?.search.includes(
      `info_hash=${metainfo.infohash.replaceAll(/../g, (byte) => `%${byte}`)}`,
    ),
  );
  await readAll(node.swarm, everything);
  await node.host.close();
  const said = tracker.asked.map((url) => url.searchParams.get('event'));
  t.is(said.filter((event) => event === 'completed').length, 1);
  t.is(said.at(-1), 'stopped');
  const last = tracker.asked.at(-1)?.searchParams;
  t.is(last?.get('left'), '0');
  t.is(last?.get('downloaded'), String(content.length));
  t.is(last?.get('scree_frontend'), String(content.length));
});

test('peers that a tracker names after the end are not called', async (t) => {
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  let calls = 0;
  const peer = await listenAsPeer(t, { host: '127.0.0.60', infohash: metainfo.infohash }, () => {
    calls += 1;
  });
  const tracker = await startTracker(t, (_, response) => {
    const answer = encodeBencode({ interval: 1, peers: compact(peer.host, peer.port) });
    setTimeout(() => response.end(answer), 1500);
  });
  const node = await rack.join(0, { trackers: [tracker.url] });
  await until('the tracker was asked', () => tracker.asked.length > 0);
  await node.host.close();
  await sleep(1500);
  t.is(calls, 0);
});

test('a peer that is called while the torrent is closed is not kept', async (t) => {
  const rack = await createSwarmRack({ metainfo });
  t.teardown(rack.close);
  const tracker = await startTracker(t, (_, response) => {
    response.end(encodeBencode({ interval: 1, peers: compact(slow.host, slow.port) }));
  });
  const slow = { host: '127.0.0.60', port: 0 };
  const open = new Set<unknown>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    socket.resume();
    setTimeout(() => socket.write(encodeHandshake(metainfo.infohash, Buffer.alloc(20, 3))), 1500);
  });
  await new Promise<void>((resolve) => server.listen(0, slow.host, resolve));
  t.teardown(() => server.close());
  slow.port = (server.address() as AddressInfo).port;
  const node = await rack.join(0, { trackers: [tracker.url] });
  await until('the peer is called', () => open.size > 0);
  await node.host.close();
  await until('the connection is gone', () => open.size === 0, 5000);
  t.is(open.size, 0);
});
