import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import { silentLog } from '../../src/runtime/log.ts';
import { createTracker } from '../../src/tracker/main.ts';
import {
  announce,
  announceQuery,
  createCatalog,
  dictionaryOf,
  endpointsOf,
  escapeHex,
  get,
  infohash,
  otherInfohash,
  peerIdOf,
  startTracker,
  textOf,
} from './tracker-fixture.ts';

test('an announce is answered with interval, counts and compact peers', async (t) => {
  const { port } = await startTracker(t, { intervalSeconds: 60 });
  await announce(port, { port: 7001, left: 0 });
  const reply = await get(`http://127.0.0.1:${port}/announce?${announceQuery({ peer_id: two })}`);
  t.is(reply.status, 200);
  t.is(reply.headers['content-type'], 'text/plain');
  const { peers, scree_rack: rack, ...rest } = dictionaryOf(reply.body);
  t.is(typeof rack, 'number');
  const counts = { complete: 1, incomplete: 1, downloaded: 0 };
  t.deepEqual(rest, { ...counts, interval: 60, 'min interval': 20 });
  t.deepEqual(endpointsOf(peers), ['127.0.0.1:7001']);
});

test('without compact=1 peers come as a list, with peer ids byte by byte unless unwanted', async (t) => {
  const { port } = await startTracker(t);
  const id = peerIdOf('\xff\x80\0-', 1);
  await announce(port, { port: 7001, peer_id: id });
  const { peers } = await announce(port, { peer_id: two, compact: 0 });
  const [peer] = Array.isArray(peers) ? peers.map((each) => dictionary(each)) : [];
  t.is(textOf(peer?.ip), '127.0.0.1');
  t.is(peer?.port, 7001);
  t.is(Buffer.from(textOf(peer?.['peer id']), 'latin1').toString('hex'), id);
  const without = await announce(port, { peer_id: two, compact: 0, no_peer_id: 1 });
  t.false(JSON.stringify(without.peers).includes('peer id'));
});

test('IPv6 peers come as peers6, IPv4 ones as peers, through one dual-stack port', async (t) => {
  const { port } = await startTracker(t, { host: '::' });
  await announce(port, { port: 7001 }, '127.0.0.1');
  await announce(port, { port: 7002, peer_id: two }, '::1');
  const reply = await announce(port, { port: 7003, peer_id: peerIdOf('three') }, '::1');
  t.deepEqual(endpointsOf(reply.peers), ['127.0.0.1:7001']);
  t.is(Buffer.from(textOf(reply.peers6), 'latin1').toString('hex'), `${'00'.repeat(15)}011b5a`);
});

test('nobody speaks for another address', async (t) => {
  const { port, tracker } = await startTracker(t);
  const claims = { ip: '10.9.9.9', ipv4: '10.9.9.9:1', ipv6: '[fd00::9]:1' };
  await announce(port, claims);
  t.deepEqual(
    tracker.stats().swarms[0]?.peers.map((peer) => peer.address),
    ['127.0.0.1'],
  );
});

test('an own seed is told at the address that the peer asked', async (t) => {
  const { port, tracker } = await startTracker(t, { host: '0.0.0.0' });
  tracker.addOwnSeed({ infohash, port: 6881 });
  const url = `http://127.0.0.3:${port}/announce?${announceQuery()}`;
  t.deepEqual(endpointsOf(dictionaryOf((await get(url)).body).peers), ['127.0.0.3:6881']);
});

test('numwant is heeded, and bounded', async (t) => {
  const { port } = await startTracker(t);
  for (let number = 1; number <= 100; number += 1) {
    await announce(port, { port: 8000 + number, peer_id: peerIdOf('many', number) });
  }
  for (const [numwant, expected] of [
    [7, 7],
    [100_000, 82],
    [-1, 50],
    ['x', 50],
    [2.5, 50],
  ] as const) {
    const { peers } = await announce(port, { numwant });
    t.is(endpointsOf(peers).length, expected, `numwant ${numwant}`);
  }
});

test('what cannot be served is told in a way that clients show to people', async (t) => {
  const { port, tracker } = await startTracker(t);
  const wrong = [
    { info_hash: 'abcd' },
    { peer_id: 'abcd' },
    { port: 0 },
    { port: 65_536 },
    { port: 80.5 },
    { port: 'x' },
  ];
  for (const params of wrong) {
    const failure = (await announce(port, params))['failure reason'];
    t.true(textOf(failure).length > 5, JSON.stringify(params));
  }
  const unknown = await announce(port, { info_hash: otherInfohash });
  t.true(textOf(unknown['failure reason']).includes(otherInfohash));
  t.like(tracker.stats().refusals, { malformed: wrong.length, 'unknown-infohash': 1 });
  t.is(tracker.stats().totals.announces, 0);
});

test('what our agents say of themselves is kept, nonsense is not', async (t) => {
  const { port, tracker } = await startTracker(t);
  const told = { downloaded: 900_000, scree_frontend: 90_000, scree_role: 'compute' };
  await announce(port, { ...told, left: 100_000, uploaded: 5 });
  const nonsense = { downloaded: '-5', uploaded: '9'.repeat(40), left: '1e400' };
  const badRole = escapeHex(Buffer.from('<b>').toString('hex'));
  await announce(port, { ...nonsense, scree_frontend: 'all', scree_role: badRole, port: 7001 });
  const [swarm] = tracker.stats().swarms;
  t.like(swarm, { downloadedBytes: 900_000, fromFrontendBytes: 90_000, fromPeersBytes: 810_000 });
  t.is(swarm?.copiesFromFrontend, 0.09);
  const [good, bad] = swarm?.peers ?? [];
  t.like(good, { role: 'compute', progress: 0.9, uploadedBytes: 5, fromPeersBytes: 810_000 });
  t.like(bad, { role: null, progress: null, uploadedBytes: 0, fromFrontendBytes: null });
});

test('stopped takes the peer out', async (t) => {
  const { port, tracker } = await startTracker(t);
  await announce(port, { event: 'started' });
  await announce(port, { event: 'stopped' });
  t.deepEqual(tracker.stats().swarms[0]?.peers, []);
});

test('a scrape finds infohashes of any bytes, and all where none is named', async (t) => {
  const { port } = await startTracker(t, {
    catalog: createCatalog([{}, { infohash: otherInfohash }]),
  });
  await announce(port, { left: 0, event: 'completed' });
  await announce(port, { info_hash: otherInfohash, port: 7001 });
  const files = async (query: string) => {
    const body = (await get(`http://127.0.0.1:${port}/scrape${query}`)).body;
    return { body, text: body.toString('latin1') };
  };
  const one = await files(`?info_hash=${escapeHex(infohash)}`);
  t.true(one.body.includes(Buffer.from(infohash, 'hex')));
  t.true(one.text.includes('d8:completei1e10:downloadedi1e10:incompletei0ee'));
  t.false(one.body.includes(Buffer.from(otherInfohash, 'hex')));
  const all = await files('');
  t.true(all.body.includes(Buffer.from(infohash, 'hex')));
  t.true(all.text.includes('d8:completei0e10:downloadedi0e10:incompletei1ee'));
  t.true((await files('?info_hash=abc')).text.startsWith('d14:failure reason'));
  t.true(dictionaryOf(all.body).flags !== undefined);
});

test('other networks are refused, and counted, before anything is read', async (t) => {
  const { port, tracker } = await startTracker(t, { networks: ['127.0.0.2'] });
  for (const path of ['/announce', '/scrape']) {
    const reply = await get(`http://127.0.0.1:${port}${path}?${announceQuery()}`);
    t.is(reply.status, 403);
    t.true(textOf(dictionaryOf(reply.body)['failure reason']).includes('127.0.0.1'));
  }
  t.is(tracker.stats().refusals['foreign-network'], 2);
  t.is(tracker.stats().swarms.length, 0);
  const inside = await announce(port, {}, '127.0.0.2');
  t.is(inside.incomplete, 1);
});

test('only GET announces', async (t) => {
  const { port, tracker } = await startTracker(t);
  const url = `http://127.0.0.1:${port}/announce?${announceQuery()}`;
  t.is((await get(url, { method: 'POST' })).status, 405);
  t.is((await get(url, { method: 'HEAD' })).status, 405);
  t.is(tracker.stats().totals.announces, 0);
});

test('without a port of its own the tracker answers on the server where it is mounted', async (t) => {
  const deps = { log: silentLog, catalog: createCatalog([{}]) };
  const tracker = createTracker(deps, { listen: undefined, networks: ['127.0.0.1'] });
  await tracker.start();
  t.is(tracker.port(), undefined);
  tracker.addOwnSeed({ infohash, port: 6881 });
  const server = createServer((request, response) => {
    if (!tracker.handle(request, response)) response.end('another door');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(async () => {
    server.close();
    await tracker.close();
  });
  const { port } = server.address() as AddressInfo;
  t.deepEqual(endpointsOf((await announce(port)).peers), ['127.0.0.1:6881']);
  t.is((await get(`http://127.0.0.1:${port}/announcements`)).body.toString(), 'another door');
});

test('any query is answered with bencode', async (t) => {
  const { port } = await startTracker(t);
  const name = fc.constantFrom(
    ...['info_hash', 'peer_id', 'port', 'left', 'event', 'compact', 'numwant', 'downloaded'],
    ...['__proto__', 'constructor', 'type', 'action', 'httpReq', 'socket', 'addr', 'toString'],
  );
  const value = fc.oneof(
    fc.constantFrom(escapeHex(infohash), escapeHex(peerIdOf('x')), '7000', '-1', '%', '%u1234'),
    fc.stringMatching(/^[!-~]{0,30}$/).map((text) => text.replaceAll('#', '%23')),
  );
  const query = fc.array(fc.tuple(name, value), { maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(query, fc.constantFrom('announce', 'scrape'), async (pairs, path) => {
      const text = pairs.map((pair) => pair.join('=')).join('&');
      const reply = await get(`http://127.0.0.1:${port}/${path}?${text}`);
      t.is(reply.status, 200);
      dictionaryOf(reply.body);
    }),
    { numRuns: 300 },
  );
});

const two = peerIdOf('-TR4060-', 2);

function dictionary(value: unknown): Readonly<Record<string, unknown>> {
  return { ...(value as object) };
}
