import { isDeepStrictEqual } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { choosePeers, type HandOut } from '../../src/tracker/peer-handout.ts';

type Peer = { readonly name: string };

const situation = fc.record({
  askerIsSeed: fc.boolean(),
  permanentCount: fc.integer({ min: 0, max: 3 }),
  seedCount: fc.integer({ min: 0, max: 60 }),
  leecherCount: fc.integer({ min: 0, max: 60 }),
  wanted: fc.integer({ min: 0, max: 82 }),
  askerAt: fc.integer({ min: 0, max: 80 }),
  randoms: fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
});
type Situation = typeof situation extends fc.Arbitrary<infer Value> ? Value : never;

test('nobody gets itself, twice the same, or more than it asked for', (t) => {
  checkAlways(t, (peers, { wanted, asker }) => {
    const isOnceEach = new Set(peers).size === peers.length;
    return isOnceEach && !peers.includes(asker) && peers.length <= wanted;
  });
});

test('a seed is told no seed', (t) => {
  checkAlways(t, (peers, { askerIsSeed, leechers }) => {
    return !askerIsSeed || peers.every((peer) => leechers.includes(peer));
  });
});

test('whoever downloads is told the frontend first', (t) => {
  checkAlways(t, (peers, { askerIsSeed, permanent, wanted }) => {
    const first = peers.slice(0, permanent.length);
    return askerIsSeed || isDeepStrictEqual(first, permanent.slice(0, wanted));
  });
});

test('nobody gets fewer than there are', (t) => {
  checkAlways(t, (peers, { askerIsSeed, permanent, seeds, leechers, asker, wanted }) => {
    const usable = askerIsSeed ? leechers : [...permanent, ...seeds, ...leechers];
    const others = usable.filter((peer) => peer !== asker).length;
    return peers.length === Math.min(wanted, others);
  });
});

test('seeds take a third of the places while there are enough who download', (t) => {
  const peers = choosePeers({
    ...lists({ permanentCount: 1, seedCount: 100, leecherCount: 100 }),
    askerIsSeed: false,
    isAsker: () => false,
    wanted: 31,
    random: Math.random,
  });
  t.is(peers.filter(({ name }) => name.startsWith('seed')).length, 10);
  t.is(peers.filter(({ name }) => name.startsWith('leecher')).length, 20);
});

test('every peer is told as often as any other', (t) => {
  const counts = new Map<string, number>();
  for (let round = 0; round < 4_000; round += 1) {
    const peers = choosePeers({
      ...lists({ permanentCount: 0, seedCount: 0, leecherCount: 40 }),
      askerIsSeed: false,
      isAsker: () => false,
      wanted: 10,
      random: Math.random,
    });
    for (const { name } of peers) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  // 1,000 expected; eight standard deviations are 219.
  t.is(counts.size, 40);
  t.true(Math.min(...counts.values()) > 780, `fewest: ${Math.min(...counts.values())}`);
  t.true(Math.max(...counts.values()) < 1_220, `most: ${Math.max(...counts.values())}`);
});

type Checked = HandOut<Peer> & { readonly asker: Peer };

function checkAlways(
  t: ExecutionContext,
  holds: (peers: readonly Peer[], handOut: Checked) => boolean,
): void {
  t.notThrows(() =>
    fc.assert(
      fc.property(situation, (value) => {
        const handOut = handOutOf(value);
        return holds(choosePeers(handOut), handOut);
      }),
    ),
  );
}

function handOutOf(value: Situation): Checked {
  const all = lists(value);
  const pool = value.askerIsSeed ? all.seeds : all.leechers;
  // Beyond the list: one that has not announced before.
  const asker = pool[value.askerAt] ?? { name: 'new' };
  return {
    ...all,
    asker,
    askerIsSeed: value.askerIsSeed,
    isAsker: (peer) => peer === asker,
    wanted: value.wanted,
    random: () => value.randoms.next().value ?? 0,
  };
}

function lists(counts: Pick<Situation, 'permanentCount' | 'seedCount' | 'leecherCount'>) {
  return {
    permanent: named('frontend', counts.permanentCount),
    seeds: named('seed', counts.seedCount),
    leechers: named('leecher', counts.leecherCount),
  };
}

function named(kind: string, count: number): readonly Peer[] {
  return Array.from({ length: count }, (_, index) => ({ name: `${kind} ${index}` }));
}
