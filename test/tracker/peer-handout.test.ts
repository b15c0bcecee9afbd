import { isDeepStrictEqual } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { choosePeers, type HandOut } from '../../src/tracker/peer-handout.ts';

type Peer = {
  readonly name: string;
  readonly kind: 'seed' | 'leecher';
  readonly rack: 'near' | 'far' | 'frontend';
};

const situation = fc.record({
  askerIsSeed: fc.boolean(),
  permanentCount: fc.integer({ min: 0, max: 3 }),
  askerNeed: fc.double({ min: 0, max: 1, noNaN: true }),
  nearSeedCount: fc.integer({ min: 0, max: 60 }),
  nearLeecherCount: fc.integer({ min: 0, max: 60 }),
  seedCount: fc.integer({ min: 0, max: 60 }),
  leecherCount: fc.integer({ min: 0, max: 60 }),
  wanted: fc.integer({ min: 0, max: 82 }),
  askerAt: fc.integer({ min: 0, max: 80 }),
  randoms: fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
});
type Situation = Omit<
  typeof situation extends fc.Arbitrary<infer Value> ? Value : never,
  'randoms'
> & { readonly randoms: { readonly next: () => { readonly value: number } } };

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

test('of the peers of one kind four in five are of the own rack, while it has as many', (t) => {
  const peers = choosePeers({
    ...handOutOf({ ...plenty, nearSeedCount: 50, nearLeecherCount: 50 }),
    askerNeed: 1,
    wanted: 40,
  });
  const far = peers.filter(({ rack }) => rack === 'far');
  t.is(peers.length, 40);
  t.is(far.length, 8);
  t.deepEqual(new Set(far.map(({ kind }) => kind)), new Set(['seed', 'leecher']));
});

test('nobody is told of other racks at the cost of more than a fifth of its own', (t) => {
  checkAlways(t, (peers, { asker, askerIsSeed, permanent, nearSeeds, nearLeechers, wanted }) => {
    const near = peers.filter(({ rack }) => rack === 'near');
    const usable = askerIsSeed ? nearLeechers : [...nearSeeds, ...nearLeechers];
    const others = usable.filter((peer) => peer !== asker).length;
    if (near.length === others) return true;
    const places = wanted - (askerIsSeed ? 0 : permanent.length);
    const far = peers.filter(({ rack }) => rack === 'far').length;
    // Of either kind a fifth, rounded up; and one kind may be short of near ones.
    const isShort = (['seed', 'leecher'] as const).some((kind) => {
      const told = near.filter((peer) => peer.kind === kind).length;
      const there = kind === 'seed' ? nearSeeds : nearLeechers;
      return told >= there.filter((peer) => peer !== asker).length;
    });
    return isShort || far <= Math.ceil(places / 5) + 1;
  });
});

test('half of the places are seeds for who has nothing, a sixth for who lacks little', (t) => {
  const seedsFor = (askerNeed: number) =>
    choosePeers({ ...handOutOf({ ...plenty, permanentCount: 0 }), askerNeed, wanted: 60 }).filter(
      ({ kind }) => kind === 'seed',
    ).length;
  t.is(seedsFor(1), 30);
  t.is(seedsFor(0.25), 15);
  t.is(seedsFor(0), 10);
});

test('every peer of a rack is told as often as any other', (t) => {
  const counts = new Map<string, number>();
  const handOut = handOutOf({ ...plenty, seedCount: 0, leecherCount: 40, permanentCount: 0 });
  for (let round = 0; round < 4_000; round += 1) {
    const peers = choosePeers({ ...handOut, random: Math.random, wanted: 10 });
    for (const { name } of peers) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  // 1,000 expected; eight standard deviations are 219.
  t.is(counts.size, 40);
  t.true(Math.min(...counts.values()) > 780, `fewest: ${Math.min(...counts.values())}`);
  t.true(Math.max(...counts.values()) < 1_220, `most: ${Math.max(...counts.values())}`);
});

test('a rack of thousands, and thousands elsewhere, take no longer than a few', (t) => {
  let draws = 0;
  const random = () => {
    draws += 1;
    return Math.random();
  };
  const handOut = handOutOf({ ...plenty, nearLeecherCount: 20_000, leecherCount: 3 });
  const peers = choosePeers({ ...handOut, random, wanted: 50 });
  t.is(peers.length, 50);
  t.true(draws < 1_000, `${draws} draws`);
});

type Checked = HandOut<Peer> & {
  readonly asker: Peer;
  readonly nearSeeds: readonly Peer[];
  readonly nearLeechers: readonly Peer[];
  readonly seeds: readonly Peer[];
  readonly leechers: readonly Peer[];
};

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

const plenty: Situation = {
  askerIsSeed: false,
  askerNeed: 1,
  permanentCount: 1,
  nearSeedCount: 0,
  nearLeecherCount: 0,
  seedCount: 100,
  leecherCount: 100,
  wanted: 50,
  askerAt: 1_000_000,
  randoms: { next: () => ({ value: Math.random() }) },
};

function handOutOf(value: Situation): Checked {
  const nearSeeds = named('seed', 'near', value.nearSeedCount);
  const nearLeechers = named('leecher', 'near', value.nearLeecherCount);
  const seeds = [...nearSeeds, ...named('seed', 'far', value.seedCount)];
  const leechers = [...named('leecher', 'far', value.leecherCount), ...nearLeechers];
  // Beyond the list: one that has not announced before.
  const asker = (value.askerIsSeed ? nearSeeds : nearLeechers)[value.askerAt] ?? newcomer;
  return {
    ...{ asker, nearSeeds, nearLeechers, seeds, leechers },
    permanent: named('seed', 'frontend', value.permanentCount),
    askerIsSeed: value.askerIsSeed,
    askerNeed: value.askerNeed,
    isAsker: (peer) => peer === asker,
    isNear: ({ rack }) => rack === 'near',
    wanted: value.wanted,
    random: () => value.randoms.next().value ?? 0,
  };
}

const newcomer: Peer = { name: 'new', kind: 'leecher', rack: 'near' };

function named(kind: Peer['kind'], rack: Peer['rack'], count: number): readonly Peer[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${rack} ${kind} ${index}`,
    ...{ kind, rack },
  }));
}
