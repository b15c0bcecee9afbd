import test from 'ava';
import { LatePeers } from '../../src/swarm/late-peers.ts';
import type { Peer } from '../../src/swarm/peer.ts';
import { PeerPace } from '../../src/swarm/peer-pace.ts';

/** Peers, and since when each has been asked for what it has not given. */
function createPeers(count: number) {
  const peers = Array.from({ length: count }, () => ({ frontend: false }) as Peer);
  const paces = new Map(peers.map((peer) => [peer, new PeerPace(0)]));
  const askedAtMs = new Map<Peer, number>();
  const named: { readonly at: number; readonly isSilent: boolean }[] = [];
  const late = new LatePeers({
    downloads: { oldestMsOf: (peer, nowMs) => askedAtMs.get(peer) ?? nowMs },
    paces: { [Symbol.iterator]: () => paces.entries(), of: (peer) => paces.get(peer) },
    offenders: {
      noteLate: (peer, isSilent) => named.push({ at: peers.indexOf(peer), isSilent }),
    },
  });
  const of = (at: number) => peers[at] as Peer;
  const gives = (at: number, nowMs: number) => late.noteBytes(of(at), nowMs);
  return {
    late,
    named,
    ask: (at: number, nowMs: number) => askedAtMs.set(of(at), nowMs),
    gives,
    done: (at: number, tookMs: number, nowMs: number) => {
      gives(at, nowMs);
      askedAtMs.delete(of(at));
      late.noteDone(of(at), tookMs);
    },
  };
}

function* everyTenth(fromMs: number, toMs: number) {
  for (let nowMs = fromMs; nowMs < toMs; nowMs += 100) yield nowMs;
}

test('who gives nothing while others give is named, and again after a while', (t) => {
  const { late, named, ask, done } = createPeers(3);
  ask(0, 0);
  for (const nowMs of everyTenth(0, 12_900)) {
    done(1, 300, nowMs);
    late.tick(nowMs);
    t.is(named.length, nowMs < 2000 ? 0 : nowMs < 12_000 ? 1 : 2, `at ${nowMs}`);
  }
  t.deepEqual(named[0], { at: 0, isSilent: true });
});

test('who gave something in time is named at once when it lets us wait again', (t) => {
  const { late, named, ask, done } = createPeers(2);
  const silentFor = (fromMs: number) => {
    ask(0, fromMs);
    for (const nowMs of everyTenth(fromMs, fromMs + 3000)) {
      done(1, 300, nowMs);
      late.tick(nowMs);
    }
  };
  silentFor(0);
  t.is(named.length, 1);
  done(0, 2900, 3000);
  silentFor(3000);
  t.is(named.length, 1, 'it was not in time');
  done(0, 200, 6000);
  silentFor(6000);
  t.is(named.length, 2);
});

test('who gives a little, far more slowly than others, is named as slow', (t) => {
  const { late, named, ask, gives, done } = createPeers(2);
  ask(0, 0);
  for (const nowMs of everyTenth(0, 6000)) {
    gives(0, nowMs);
    done(1, 1000, nowMs);
    late.tick(nowMs);
    t.is(named.length, nowMs < 5000 ? 0 : 1, `at ${nowMs}`);
  }
  t.deepEqual(named, [{ at: 0, isSilent: false }]);
});

test('while nothing comes at all it is our own line, and nobody is named', (t) => {
  const { late, named, ask, done } = createPeers(6);
  for (const nowMs of everyTenth(0, 1000)) {
    for (const at of [0, 1, 2, 3, 4, 5]) done(at, 300, nowMs);
    late.tick(nowMs);
  }
  for (const at of [0, 1, 2, 3, 4, 5]) ask(at, 900 - 150 * at);
  for (const nowMs of everyTenth(1000, 9000)) late.tick(nowMs);
  t.deepEqual(named, []);
  for (const nowMs of everyTenth(9000, 10_900)) {
    for (const at of [1, 2]) done(at, 300, nowMs);
    late.tick(nowMs);
  }
  t.deepEqual(named, [], 'nor is it at once when the line is back');
  for (const nowMs of everyTenth(10_900, 11_300)) {
    for (const at of [1, 2]) done(at, 300, nowMs);
    late.tick(nowMs);
  }
  t.deepEqual(
    named.map(({ at }) => at),
    [0, 3, 4, 5],
  );
});

test('when of several only one gives, the others are not named', (t) => {
  const { late, named, ask, done } = createPeers(4);
  for (const at of [0, 1]) ask(at, 0);
  for (const nowMs of everyTenth(0, 20_000)) {
    done(2, 100, nowMs);
    late.tick(nowMs);
  }
  t.deepEqual(named, []);
  done(3, 100, 20_000);
  late.tick(20_000);
  t.is(named.length, 2);
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
  const { late, ask, done } = createPeers(2);
  const givenUpAfterMs = () => {
    const [fromMs, toMs] = [1e9, 1e9 + 60_000];
    done(0, 10, fromMs);
    ask(0, fromMs);
    for (const nowMs of everyTenth(fromMs, toMs)) {
      if (late.silentAt(nowMs).length > 0) return nowMs - fromMs;
    }
    return undefined;
  };
  t.is(givenUpAfterMs(), 4000);
  for (let count = 0; count < 100; count += 1) done(1, 2000, count * 2000);
  t.true(Number(givenUpAfterMs()) >= 8000, 'five times what a piece takes');
  for (let count = 0; count < 100; count += 1) done(1, 60_000, count * 60_000);
  t.is(givenUpAfterMs(), 15_000);
  done(0, 10, 2e9);
  t.deepEqual(late.silentAt(3e9), [], 'it was not asked');
});
