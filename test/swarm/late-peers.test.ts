import test from 'ava';
import { LatePeers } from '../../src/swarm/late-peers.ts';
import type { Peer } from '../../src/swarm/peer.ts';
import { PeerPace } from '../../src/swarm/peer-pace.ts';

/** Peers, and since when each has been asked for what it has not given. */
function createPeers(count: number) {
  const peers = Array.from({ length: count }, () => ({ receivedBytes: 0 }) as Peer);
  const paces = new Map(peers.map((peer) => [peer, new PeerPace(0)]));
  const askedAtMs = new Map<Peer, number>();
  const named: { readonly at: number; readonly gaveNothing: boolean }[] = [];
  const late = new LatePeers({
    downloads: { oldestMsOf: (peer, nowMs) => askedAtMs.get(peer) ?? nowMs },
    paces: { [Symbol.iterator]: () => paces.entries(), of: (peer) => paces.get(peer) },
    offenders: {
      noteLate: (peer, gaveNothing) => named.push({ at: peers.indexOf(peer), gaveNothing }),
    },
  });
  const of = (at: number) => peers[at] as Peer;
  return {
    late,
    named,
    ask: (at: number, nowMs: number) => askedAtMs.set(of(at), nowMs),
    gives: (at: number, nowMs: number) => {
      of(at).receivedBytes += 1;
      paces.get(of(at))?.gave(nowMs);
    },
    done: (at: number, tookMs: number, meanMs: number) => {
      askedAtMs.delete(of(at));
      late.noteDone(of(at), tookMs, meanMs);
    },
  };
}

test('who gives nothing while others give is named once, until it gives something in time', (t) => {
  const { late, named, ask, gives, done } = createPeers(3);
  ask(0, 0);
  const step = (nowMs: number) => {
    gives(1, nowMs);
    done(1, 300, 300);
    late.tick(nowMs);
  };
  for (let nowMs = 0; nowMs < 2000; nowMs += 100) step(nowMs);
  t.deepEqual(named, []);
  for (let nowMs = 2000; nowMs < 4000; nowMs += 100) step(nowMs);
  t.deepEqual(named, [{ at: 0, gaveNothing: true }]);
  gives(0, 4000);
  done(0, 4000, 300);
  ask(0, 4000);
  for (let nowMs = 4000; nowMs < 9000; nowMs += 100) step(nowMs);
  t.is(named.length, 1, 'it was late again, and had not been in time meanwhile');
  gives(0, 9000);
  done(0, 200, 300);
  ask(0, 9000);
  for (let nowMs = 9000; nowMs < 12_000; nowMs += 100) step(nowMs);
  t.is(named.length, 2);
});

test('who gives a little, far more slowly than others, is named as slow', (t) => {
  const { late, named, ask, gives, done } = createPeers(2);
  ask(0, 0);
  for (let nowMs = 0; nowMs <= 6000; nowMs += 100) {
    gives(0, nowMs);
    gives(1, nowMs);
    done(1, 1000, 1000);
    late.tick(nowMs);
    t.is(named.length, nowMs < 5000 ? 0 : 1, `at ${nowMs}`);
  }
  t.deepEqual(named, [{ at: 0, gaveNothing: false }]);
});

test('when most let us wait it is our own line, and nobody is named', (t) => {
  const { late, named, ask, gives, done } = createPeers(4);
  for (const at of [0, 1]) ask(at, 0);
  for (let nowMs = 0; nowMs < 20_000; nowMs += 100) {
    gives(2, nowMs);
    done(2, 100, 100);
    late.tick(nowMs);
  }
  t.deepEqual(named, [], 'two are late, one is not');
  gives(3, 20_000);
  late.tick(20_000);
  t.is(named.length, 2, 'two are late, two are not');
});

test('one that is all there is, is named', (t) => {
  const { late, named, ask } = createPeers(1);
  ask(0, 0);
  late.tick(2900);
  t.is(named.length, 0, 'it is not known how long pieces take');
  late.tick(3000);
  t.is(named.length, 1);
});

test('on slow lines peers may be silent for longer, but not for ever', (t) => {
  const { late, done } = createPeers(1);
  t.is(late.silentMs, 4000);
  done(0, 2000, 2000);
  t.is(late.silentMs, 10_000);
  done(0, 60_000, 60_000);
  t.is(late.silentMs, 15_000);
});
