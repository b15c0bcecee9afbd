import test from 'ava';
import { createTestRegistry, peersIn, reasonOf } from './registry-fixture.ts';
import { createCatalog, infohash, otherInfohash, peerIdOf } from './tracker-fixture.ts';

const seed = { leftBytes: 0 } as const;

test('a torrent that is not offered is refused and leaves nothing behind', (t) => {
  const { registry, announce } = createTestRegistry();
  t.is(reasonOf(announce({ infohash: otherInfohash })), 'unknown-infohash');
  t.is(registry.knownInfohashes().size, 0);
});

test('peers are told of each other, not of themselves', (t) => {
  const { announce } = createTestRegistry();
  t.deepEqual(peersIn(announce({ port: 1 })), []);
  t.deepEqual(peersIn(announce({ port: 2 })), ['10.1.0.1:1']);
  t.deepEqual(peersIn(announce({ port: 1 })), ['10.1.0.1:2']);
});

test('a peer that announces from two addresses is not told of its other one', (t) => {
  const { announce } = createTestRegistry();
  const peerId = peerIdOf('-SC0100-', 1);
  announce({ address: 'fd00::1', peerId });
  t.deepEqual(peersIn(announce({ address: '10.1.0.1', peerId })), []);
});

test('seeds are not told of seeds', (t) => {
  const { announce, registry } = createTestRegistry();
  registry.ownSeeds.add({ infohash, port: 6881, address: '10.1.0.254' });
  announce({ ...seed, port: 1 });
  t.deepEqual(peersIn(announce({ ...seed, port: 2 })), []);
  t.deepEqual(peersIn(announce({ port: 3 })), ['10.1.0.1:1', '10.1.0.1:2', '10.1.0.254:6881']);
  t.deepEqual(peersIn(announce({ ...seed, port: 1 })), ['10.1.0.1:3']);
});

test('a peer that does not say what is left counts as one that downloads', (t) => {
  const { announce, registry } = createTestRegistry();
  announce({ leftBytes: undefined });
  t.like(registry.countsOf(infohash), { seeds: 0, leechers: 1 });
});

test('a stopped peer is gone, gets no peers, and its swarm goes with it', (t) => {
  const { announce, registry } = createTestRegistry();
  announce({ port: 1 });
  announce({ port: 2 });
  t.deepEqual(peersIn(announce({ port: 1, event: 'stopped' })), []);
  t.like(registry.countsOf(infohash), { leechers: 1 });
  announce({ port: 2, event: 'stopped' });
  t.is(registry.swarms.size, 0);
});

test('machines of one rack are told the same number, others another one', (t) => {
  const { announce } = createTestRegistry();
  const rackOf = (address: string, event?: 'stopped') => {
    const outcome = announce({ address, ...(event && { event }) });
    return outcome.kind === 'accepted' ? outcome.rack : t.fail();
  };
  const own = rackOf('10.1.0.1');
  t.is(typeof own, 'number');
  t.is(rackOf('10.1.0.2'), own);
  t.not(rackOf('10.2.0.1'), own);
  t.is(rackOf('10.1.0.1', 'stopped'), undefined);
});

test('the late farewell of an earlier session does not take out the peer in its place', (t) => {
  const { announce, registry } = createTestRegistry();
  announce({ peerId: peerIdOf('old') });
  announce({ peerId: peerIdOf('new') });
  announce({ peerId: peerIdOf('old'), event: 'stopped' });
  t.is(registry.countsOf(infohash).leechers, 1);
});

test('peers that fall silent are swept out, those that announce stay', (t) => {
  const { announce, registry, clock } = createTestRegistry({ silenceMs: 70_000 });
  announce({ port: 1 });
  clock.nowMs += 40_000;
  announce({ port: 2 });
  clock.nowMs += 30_001;
  registry.sweep();
  t.deepEqual(peersIn(announce({ port: 3 })), ['10.1.0.1:2']);
  clock.nowMs += 200_000;
  registry.sweep();
  t.is(registry.swarms.size, 0);
});

test('a completed download is counted once, however often the peer says so', (t) => {
  const { announce, registry } = createTestRegistry();
  announce();
  announce({ ...seed, event: 'completed' });
  announce({ ...seed, event: 'completed' });
  announce(seed);
  t.deepEqual(registry.countsOf(infohash), { seeds: 1, leechers: 0, completed: 1 });
});

test('a seed that was one from the start, or a liar with bytes left, completed nothing', (t) => {
  const { announce, registry } = createTestRegistry();
  announce({ ...seed, port: 1, event: 'started' });
  announce({ port: 2, event: 'completed', leftBytes: 5 });
  t.deepEqual(registry.countsOf(infohash), { seeds: 1, leechers: 1, completed: 0 });
});

test('bytes are added up over announces, sessions and peers', (t) => {
  const { announce, registry } = createTestRegistry();
  announce({ downloadedBytes: 100, frontendBytes: 30, uploadedBytes: 5 });
  announce({ downloadedBytes: 300, frontendBytes: 50, uploadedBytes: 5 });
  announce({ peerId: peerIdOf('restarted'), downloadedBytes: 40, frontendBytes: 40 });
  announce({ port: 2, downloadedBytes: 1_000, uploadedBytes: 7 });
  t.like(registry.totalsOf(infohash), {
    downloadedBytes: 1_340,
    fromFrontendBytes: 90,
    fromPeersBytes: 250,
    uploadedBytes: 12,
    announces: 4,
  });
});

test('the last bytes of a peer that stops are counted, and outlive the swarm', (t) => {
  const { announce, registry } = createTestRegistry();
  announce({ downloadedBytes: 100 });
  announce({ downloadedBytes: 150, event: 'stopped' });
  t.is(registry.totalsOf(infohash).downloadedBytes, 150);
  announce({ port: 2, downloadedBytes: 5 });
  t.is(registry.totalsOf(infohash).downloadedBytes, 155);
});

test('the figures of the past are bounded: the oldest go first', (t) => {
  const hashes = ['01', '02', '03'].map((byte) => byte.repeat(20));
  const catalog = createCatalog(hashes.map((each) => ({ infohash: each })));
  const { announce, registry } = createTestRegistry({ pastSwarms: 2 }, catalog);
  for (const each of hashes) {
    announce({ infohash: each });
    announce({ infohash: each, event: 'stopped' });
  }
  t.deepEqual([...registry.knownInfohashes()], hashes.slice(1));
});

test('a swarm that is full takes no more peers, but goes on serving those it has', (t) => {
  const { announce } = createTestRegistry({ peersPerSwarm: 2 });
  announce({ port: 1 });
  announce({ port: 2 });
  t.is(reasonOf(announce({ port: 3 })), 'too-many-peers');
  t.deepEqual(peersIn(announce({ port: 1 })), ['10.1.0.1:2']);
  announce({ port: 1, event: 'stopped' });
  t.deepEqual(peersIn(announce({ port: 3 })), ['10.1.0.1:2']);
});

test('one machine cannot take all places', (t) => {
  const { announce } = createTestRegistry({ peersPerAddress: 2 });
  announce({ port: 1 });
  announce({ port: 2 });
  t.is(reasonOf(announce({ port: 3 })), 'too-many-peers');
  t.is(reasonOf(announce({ address: '10.1.0.2' })), undefined);
});

test('all swarms together are bounded, and places come back when peers go', (t) => {
  const catalog = createCatalog([{}, { infohash: otherInfohash }]);
  const { announce, registry, clock } = createTestRegistry({ peers: 2 }, catalog);
  announce({ port: 1 });
  announce({ port: 1, infohash: otherInfohash });
  t.is(reasonOf(announce({ port: 2 })), 'too-many-peers');
  registry.remove(otherInfohash);
  t.is(reasonOf(announce({ port: 2 })), undefined);
  clock.nowMs += 100_000;
  registry.sweep();
  t.is(reasonOf(announce({ port: 3 })), undefined);
  t.is(reasonOf(announce({ port: 4 })), undefined);
  t.is(reasonOf(announce({ port: 5 })), 'too-many-peers');
});

test('a loopback address is only told to those on this machine', (t) => {
  const { announce } = createTestRegistry();
  announce({ address: '127.0.0.1', port: 1 });
  announce({ address: '10.1.0.1', port: 2 });
  t.deepEqual(peersIn(announce({ address: '10.1.0.1', port: 3 })), ['10.1.0.1:2']);
  const local = peersIn(announce({ address: '127.0.0.2', port: 4 }));
  t.deepEqual(local, ['10.1.0.1:2', '10.1.0.1:3', '127.0.0.1:1']);
});

test('an answer of one address family holds only peers of that family', (t) => {
  const { announce } = createTestRegistry();
  announce({ address: '10.1.0.1' });
  announce({ address: 'fd00::1' });
  t.deepEqual(peersIn(announce({ address: 'fd00::2', family: 'ipv6' })), ['fd00::1:7000']);
  t.deepEqual(peersIn(announce({ address: '10.1.0.2', family: 'ipv4' })), ['10.1.0.1:7000']);
});

test('an own seed without an address is told at the address where it was asked for', (t) => {
  const { announce, registry } = createTestRegistry();
  registry.ownSeeds.add({ infohash, port: 6881 });
  registry.ownSeeds.add({ infohash, port: 6881, address: '::' });
  registry.ownSeeds.add({ infohash, port: 6882, address: '0.0.0.0' });
  const asked = { port: 1, localAddress: '10.1.0.254' };
  t.deepEqual(peersIn(announce(asked)), ['10.1.0.254:6881', '10.1.0.254:6882']);
  t.deepEqual(peersIn(announce({ port: 1, localAddress: undefined })), []);
  const overIpv6 = { address: 'fd00::2', localAddress: 'fd00::1' };
  announce({ port: 1, event: 'stopped' });
  t.deepEqual(peersIn(announce(overIpv6)), ['fd00::1:6881']);
  t.is(registry.countsOf(infohash).seeds, 2);
});

test('an own seed at no address, or at no port, is refused', (t) => {
  const { registry } = createTestRegistry();
  const wrong = [
    { infohash, port: 0 },
    { infohash, port: 65_536 },
    { infohash, port: 1, address: 'frontend' },
  ];
  for (const each of wrong) {
    t.throws(() => registry.ownSeeds.add(each), { code: 'bad-address' });
  }
});

test('a removed torrent leaves nothing behind', (t) => {
  const { announce, registry } = createTestRegistry();
  registry.ownSeeds.add({ infohash, port: 6881 });
  announce({ downloadedBytes: 5 });
  registry.remove(infohash);
  t.is(registry.knownInfohashes().size, 0);
  t.is(registry.totalsOf(infohash).downloadedBytes, 0);
});

test('what the catalog no longer has is swept out, and its places are free again', (t) => {
  const offered = new Set([infohash, otherInfohash]);
  const catalog = { ...createCatalog([]), has: (wanted: string) => offered.has(wanted) };
  const { announce, registry } = createTestRegistry({ peers: 1 }, catalog);
  announce({ infohash: otherInfohash, event: 'started' });
  announce({ infohash: otherInfohash, event: 'stopped' });
  announce({ port: 1 });
  offered.clear();
  registry.sweep();
  t.is(registry.knownInfohashes().size, 0);
  offered.add(otherInfohash);
  t.is(reasonOf(announce({ infohash: otherInfohash })), undefined);
});
