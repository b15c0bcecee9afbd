import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Bitfield } from '../../src/protocol/bitfield.ts';
import { VirtualTime } from '../../src/simulator/simulate/virtual-time.ts';
import { OwnRack, type RackPeer } from '../../src/swarm/own-rack.ts';

const pieceCount = 40;
const pieceMs = 200;

type Told = { readonly to: string; readonly pieces: readonly number[] };

/** A machine of rack 1 with the peers that are given, as `name: rack`. */
function openRack(racks: Readonly<Record<string, number | undefined>>, ownId = 'own') {
  const time = new VirtualTime();
  const told: Told[] = [];
  const peers = Object.entries(racks).map(([id, rack]) => ({
    ...{ id, pieces: new Bitfield(pieceCount), frontend: id === 'frontend', extended: { rack } },
    sendClaims: (pieces: readonly number[]) => told.push({ to: id, pieces }),
  }));
  const rack = new OwnRack({
    ...{ pieceCount, ownId, clock: time, peers: () => peers, pieceMs: () => pieceMs },
  });
  const of = (id: string): RackPeer => {
    const found = peers.find((peer) => peer.id === id);
    if (found === undefined) throw new Error(`expected a peer ${id}`);
    return found;
  };
  const has = (id: string, ...pieces: readonly number[]) => {
    rack.peerHas(
      of(id),
      pieces.filter((piece) => of(id).pieces.add(piece)),
    );
  };
  const pass = async (ms: number) => {
    let passed = false;
    time.after(ms, () => {
      passed = true;
    });
    while (!passed) await time.step();
    rack.tick();
  };
  return { rack, told, of, has, pass };
}

const all = Array.from({ length: pieceCount }, (_, piece) => piece);

test('as long as nobody knows where this machine is, everybody is inside', (t) => {
  const { rack, of, has, told } = openRack({ mate: 1, far: 2, unknown: undefined });
  has('mate', 3);
  for (const id of ['mate', 'far', 'unknown']) t.false(rack.isOutside(of(id)));
  rack.claim(3);
  t.deepEqual(told, []);
});

test('one rack needs fewer connections than one of several, whose machines are to know each other', async (t) => {
  const alone = openRack({ mate: 1, unknown: undefined, frontend: undefined });
  alone.rack.settle(1);
  // Who has much and has given nothing counts as outside, but is in no other rack for that.
  alone.rack.trust(alone.of('mate'), false);
  await alone.pass(100);
  t.true(alone.rack.isOutside(alone.of('mate')));
  const among = openRack({ mate: 1, far: 2, frontend: undefined });
  await among.pass(100);
  const before = among.rack.mostPeers;
  among.rack.settle(1);
  t.deepEqual([before, among.rack.mostPeers, alone.rack.mostPeers], [45, 60, 45]);
  among.rack.gone(among.of('far'));
  t.is(among.rack.mostPeers, 60, 'it never falls');
});

test('what a mate holds is not fetched from outside, until no mate holds it any more', (t) => {
  const { rack, of, has } = openRack({ mate: 1, far: 2 });
  has('mate', 3);
  t.true(rack.settle(1));
  t.false(rack.settle(1), 'that is no news');
  t.false(rack.isOutside(of('mate')));
  t.true(rack.isOutside(of('far')));
  t.false(rack.mayImport(3), 'what it held before counts, too');
  has('mate', 4);
  t.false(rack.mayImport(4));
  const before = rack.changes;
  of('mate').pieces.remove(4);
  rack.peerLost(of('mate'), 4);
  t.true(rack.changes > before, 'it is looked at again');
  rack.gone(of('mate'));
  t.true(rack.mayImport(3) && rack.mayImport(4));
});

test('the machines of a rack agree whose turn it is: each piece is one machine’s at first', (t) => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const racks = names.map((own) => {
    const mates = names.filter((name) => name !== own).map((name) => [name, 1] as const);
    const opened = openRack({ ...Object.fromEntries(mates), far: 2 }, own);
    opened.rack.settle(1);
    opened.has('far', ...all);
    return opened.rack;
  });
  const shares = racks.map((rack) => all.filter((piece) => rack.mayImport(piece)));
  t.deepEqual(
    shares.flat().sort((one, other) => one - other),
    all,
  );
  t.true(shares.every((share) => share.length > 0 && share.length < pieceCount / 2));
});

test('a turn that is not taken is the next one’s, so that nobody waits for one that cannot', async (t) => {
  const { rack, has, pass } = openRack({ a: 1, b: 1, c: 1, far: 2 });
  rack.settle(1);
  has('far', ...all);
  const open = () => all.filter((piece) => rack.mayImport(piece)).length;
  const counts = [open()];
  for (let turn = 0; turn < 3; turn += 1) {
    await pass(2 * pieceMs);
    counts.push(open());
  }
  t.deepEqual(
    [...counts].sort((one, other) => one - other),
    counts,
  );
  t.true((counts[0] ?? 0) < pieceCount / 2);
  t.is(counts.at(-1), pieceCount);
});

test('what a mate has said that it fetches is left to it, and it is told of ours', async (t) => {
  const { rack, of, has, pass, told } = openRack({ a: 1, far: 2, frontend: undefined });
  rack.settle(1);
  has('a', 9);
  has('far', ...all);
  rack.tick();
  const [open = 0, other = 0] = all.filter((piece) => rack.mayImport(piece));
  rack.claimed(of('a'), [open, 9]);
  t.false(rack.mayImport(open));
  rack.claimed(of('far'), [other]);
  t.true(rack.mayImport(other), 'of other racks nobody speaks for this one');
  rack.claim(other);
  rack.claim(9);
  await pass(50);
  t.deepEqual(told, [
    { to: 'a', pieces: [other] },
    { to: 'frontend', pieces: [other, 9] },
  ]);
});

test('where nobody is outside but the frontend, nothing is told or looked at again', async (t) => {
  const { rack, pass, told } = openRack({ a: 1, frontend: undefined });
  rack.settle(1);
  await pass(100);
  const before = rack.changes;
  rack.claim(3);
  await pass(100);
  t.is(rack.changes, before);
  t.deepEqual(told, []);
});

test('what a mate says that it holds is not waited for while it gives nothing', (t) => {
  const { rack, of, has } = openRack({ mate: 1, far: 2 });
  rack.settle(1);
  has('mate', 3);
  t.false(rack.isNowhere(3));
  rack.trust(of('mate'), false);
  t.true(rack.mayImport(3));
  rack.place(of('mate'));
  t.true(rack.isNowhere(3), 'that it says again where it is changes nothing');
  rack.trust(of('mate'), true);
  t.false(rack.isNowhere(3));
});

test('who claims a piece, goes and comes back may not claim it again', (t) => {
  const { rack, of } = openRack({ a: 1, far: 2 });
  rack.settle(1);
  rack.claimed(of('a'), [5]);
  t.false(rack.isNowhere(5));
  rack.gone(of('a'));
  rack.place(of('a'));
  rack.claimed(of('a'), [5, 6]);
  t.deepEqual([rack.isNowhere(5), rack.isNowhere(6)], [true, false]);
});

test('what is claimed and not brought is anybody’s after three seconds, and not left to anybody again', async (t) => {
  const { rack, of, has, pass } = openRack({ a: 1, b: 1, far: 2 });
  rack.settle(1);
  has('far', ...all);
  all.map((piece) => rack.mayImport(piece));
  await pass(10_000);
  t.true(rack.mayImport(5) && rack.mayImport(6));
  rack.claimed(of('a'), [5, 6]);
  await pass(2_900);
  t.false(rack.mayImport(5) || rack.mayImport(6));
  has('a', 6);
  const before = rack.changes;
  await pass(200);
  t.true(rack.mayImport(5));
  t.true(rack.changes > before, 'it is looked at again');
  rack.claimed(of('b'), [5, 7]);
  t.true(rack.mayImport(5));
  t.false(rack.mayImport(7), 'of other pieces everybody is believed');
});

test('who goes takes along what he has said, and the order is one without him', (t) => {
  const { rack, of, has } = openRack({ a: 1, b: 1, far: 2 });
  rack.settle(1);
  has('far', ...all);
  const ours = () => all.filter((piece) => rack.mayImport(piece));
  const [first = 0] = ours();
  rack.claimed(of('a'), [first]);
  t.false(ours().includes(first));
  const before = ours().length;
  rack.gone(of('a'));
  t.true(ours().includes(first));
  rack.gone(of('b'));
  t.true(ours().length > before + 1);
  t.deepEqual(ours(), all, 'this machine is the whole rack');
});

test('who helps with what a mate brings all the same leaves off for a while, longer each time', async (t) => {
  const { rack, has, pass } = openRack({ a: 1, b: 1, far: 2 });
  rack.settle(1);
  has('far', ...all);
  const others = all.filter((piece) => !rack.mayImport(piece));
  await pass(10_000);
  const mayHelp = () => others.some((piece) => rack.mayImport(piece));
  const help = (hasSooner: boolean) => {
    const piece = others.pop() ?? t.fail();
    rack.claim(piece);
    if (!hasSooner) rack.brought(piece);
    has('a', piece);
  };
  help(false);
  t.true(mayHelp(), 'that was of use');
  for (const pauseMs of [200, 400, 800]) {
    help(true);
    t.false(mayHelp());
    await pass(pauseMs - 100);
    t.false(mayHelp());
    await pass(200);
    t.true(mayHelp());
  }
  await pass(21_000);
  help(true);
  await pass(300);
  t.true(mayHelp(), 'it was long ago');
});

test('whoever comes, goes, has, loses and claims, a piece that no mate holds is fetched in the end', async (t) => {
  const step = fc.record({
    what: fc.constantFrom('has', 'has', 'lost', 'claimed', 'gone', 'place'),
    who: fc.constantFrom('a', 'b', 'c', 'far'),
    piece: fc.nat(pieceCount - 1),
  });
  const property = fc.asyncProperty(fc.array(step, { maxLength: 200 }), async (steps) => {
    const { rack, of, has, pass } = openRack({ a: 1, b: 1, c: 1, far: 2 });
    const mates = new Set(['a', 'b', 'c']);
    rack.settle(1);
    for (const { what, who, piece } of steps) {
      if (what === 'has') has(who, piece);
      else if (what === 'lost' && of(who).pieces.remove(piece)) rack.peerLost(of(who), piece);
      else if (what === 'claimed') rack.claimed(of(who), [piece]);
      else if (what === 'gone' && mates.delete(who)) rack.gone(of(who));
      else if (what === 'place' && who !== 'far') rack.place(of(mates.add(who) && who));
    }
    await pass(5_000);
    for (const piece of all) rack.mayImport(piece);
    await pass(10_000);
    for (const piece of all) {
      const isInside = [...mates].some((name) => of(name).pieces.has(piece));
      assert.equal(rack.mayImport(piece), !isInside, `piece ${piece}`);
    }
  });
  await t.notThrowsAsync(fc.assert(property, { numRuns: 100 }));
});
