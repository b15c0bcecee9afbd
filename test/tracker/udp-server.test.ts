import { randomBytes } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import {
  announce,
  connectMessage,
  connectUdp,
  createCatalog,
  endpointsOf,
  infohash,
  openUdpClient,
  otherInfohash,
  peerIdOf,
  startTracker,
  udpAnnounce,
} from './tracker-fixture.ts';

test('a datagram announce is answered with the peers that came by HTTP, and the other way round', async (t) => {
  const { port, tracker } = await startTracker(t);
  tracker.addOwnSeed({ infohash, port: 6881 });
  await announce(port, { port: 7001, peer_id: peerIdOf('http') });
  const client = await openUdpClient(t, port);
  const connectionId = await connectUdp(client);
  const reply = await client.ask(udpAnnounce({ connectionId }));
  t.is(reply?.subarray(0, 20).toString('hex'), '00000001112233440000001e0000000200000001');
  t.deepEqual(endpointsOf(reply?.subarray(20)), ['127.0.0.1:6881', '127.0.0.1:7001']);
  const { peers } = await announce(port, { port: 7001, peer_id: peerIdOf('http') });
  t.deepEqual(endpointsOf(peers), ['127.0.0.1:6881', '127.0.0.1:7000']);
});

test('counts above 4 GiB, and a tree of which exactly 4 GiB are left, are read right', async (t) => {
  const catalog = createCatalog([{ totalSizeBytes: 2 ** 33 }]);
  const { port, tracker } = await startTracker(t, { catalog });
  const client = await openUdpClient(t, port);
  const connectionId = await connectUdp(client);
  const counts = { left: 2n ** 32n, downloaded: 2n ** 32n, uploaded: 2n ** 31n };
  await client.ask(udpAnnounce({ connectionId, ...counts }));
  const [peer] = tracker.stats().swarms[0]?.peers ?? [];
  t.like(peer, { seed: false, progress: 0.5, downloadedBytes: 2 ** 32, uploadedBytes: 2 ** 31 });
});

test('over IPv6 the peers are IPv6 ones, 18 bytes each', async (t) => {
  const { port } = await startTracker(t, { host: '::' });
  await announce(port, { port: 7001, peer_id: peerIdOf('four') }, '127.0.0.1');
  await announce(port, { port: 7002, peer_id: peerIdOf('six') }, '::1');
  const client = await openUdpClient(t, port, '::1');
  const connectionId = await connectUdp(client);
  const reply = await client.ask(udpAnnounce({ connectionId }));
  t.is(reply?.subarray(20).toString('hex'), `${'00'.repeat(15)}011b5a`);
});

test('nobody speaks for another address by datagram either', async (t) => {
  const { port, tracker } = await startTracker(t);
  const client = await openUdpClient(t, port);
  const connectionId = await connectUdp(client);
  await client.ask(udpAnnounce({ connectionId, claimedAddress: 0x0a090909 }));
  t.deepEqual(
    tracker.stats().swarms[0]?.peers.map((peer) => peer.address),
    ['127.0.0.1'],
  );
});

test('a torrent that is not offered gets an error', async (t) => {
  const { port, tracker } = await startTracker(t);
  const client = await openUdpClient(t, port);
  const connectionId = await connectUdp(client);
  const reply = await client.ask(udpAnnounce({ connectionId, infohash: otherInfohash }));
  t.is(reply?.subarray(0, 8).toString('hex'), '0000000311223344');
  t.true(reply?.subarray(8).toString().includes(otherInfohash));
  t.is(tracker.stats().refusals['unknown-infohash'], 1);
});

test('a scrape counts seeds, completed and leechers in the order asked', async (t) => {
  const { port, tracker } = await startTracker(t);
  tracker.addOwnSeed({ infohash, port: 6881 });
  await announce(port, { left: 0, event: 'completed' });
  const client = await openUdpClient(t, port);
  const connectionId = await connectUdp(client);
  const head = Buffer.concat([connectionId, Buffer.from('0000000200000007', 'hex')]);
  const hashes = [otherInfohash, infohash].map((hash) => Buffer.from(hash, 'hex'));
  const reply = await client.ask(Buffer.concat([head, ...hashes]));
  t.is(reply?.toString('hex'), `0000000200000007${'00'.repeat(12)}000000020000000100000000`);
});

test('an id from another address is worth nothing, nor is a guessed one', async (t) => {
  const { port, tracker } = await startTracker(t);
  const connectionId = await connectUdp(await openUdpClient(t, port, '127.0.0.2'));
  const client = await openUdpClient(t, port);
  const constantId = Buffer.from('0000041727101980', 'hex');
  for (const id of [connectionId, constantId, Buffer.alloc(8)]) {
    const reply = await client.ask(udpAnnounce({ connectionId: id }));
    t.is(reply?.readUInt32BE(0), 3);
    t.true(reply?.includes('connect again'));
  }
  t.is(tracker.stats().refusals['bad-connection-id'], 3);
  t.is(tracker.stats().totals.announces, 0);
});

test('other networks get silence', async (t) => {
  const { port, tracker } = await startTracker(t, { networks: ['127.0.0.2'] });
  const outside = await openUdpClient(t, port);
  t.is(await outside.ask(connectMessage, 300), undefined);
  const inside = await openUdpClient(t, port, '127.0.0.2');
  t.is((await connectUdp(inside)).length, 8);
  t.is(tracker.stats().refusals['foreign-network'], 1);
});

test('whoever has not shown its address never gets more bytes than it sent', async (t) => {
  const { port } = await startTracker(t);
  for (let number = 0; number < 60; number += 1) {
    await announce(port, { port: 8000 + number, peer_id: peerIdOf('many', number) });
  }
  const client = await openUdpClient(t, port);
  const forged = Buffer.alloc(8, 7);
  const scrape = Buffer.concat([forged, Buffer.from('00000002', 'hex'), Buffer.alloc(4 + 20)]);
  const messages = [connectMessage, udpAnnounce({ connectionId: forged }), scrape];
  for (const message of messages) {
    const reply = await client.ask(message, 1_000);
    t.true((reply?.length ?? 0) <= message.length, `${reply?.length} for ${message.length}`);
  }
});

test('any datagram leaves the tracker as it was', async (t) => {
  const { port, tracker } = await startTracker(t);
  const client = await openUdpClient(t, port);
  const connectionId = await connectUdp(client);
  const anyBytes = fc.uint8Array({ maxLength: 200, size: 'max' });
  const admitted = fc
    .tuple(fc.constantFrom(0, 1, 2, 3, 9), anyBytes)
    .map(([action, rest]) => Buffer.concat([connectionId, Buffer.from([0, 0, 0, action]), rest]));
  await fc.assert(
    fc.asyncProperty(fc.oneof(anyBytes, admitted), async (bytes) => {
      await client.ask(bytes, 5);
    }),
    { numRuns: 150 },
  );
  await client.ask(randomBytes(60_000), 50);
  // Answers to what came before may still be on their way.
  const fresh = await openUdpClient(t, port);
  const reply = await fresh.ask(udpAnnounce({ connectionId: await connectUdp(fresh), wanted: 0 }));
  t.is(reply?.readUInt32BE(0), 1);
  t.true(tracker.stats().refusals.malformed > 0);
});
