import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Bitfield } from '../../src/protocol/bitfield.ts';
import { maximumWantedRanges } from '../../src/protocol/peer-wire/extensions.ts';
import { DepartedPieces } from '../../src/swarm/departed-pieces.ts';
import { HandOut } from '../../src/swarm/hand-out.ts';

const pieceLengthBytes = 65_536;
const stepMs = 20;

/** A peer of the simulated swarm. */
class SimulatedPeer {
  readonly name: number;
  readonly pieces: Bitfield;
  /** What it was shown and when it will have it. */
  readonly coming = new Map<number, number>();
  /** Never fetches what it is shown. */
  readonly stalled: boolean;

  constructor(name: number, pieceCount: number, stalled = false) {
    this.name = name;
    this.pieces = new Bitfield(pieceCount);
    this.stalled = stalled;
  }
}

/** A peer that cannot say what it wants. */
function addUnasked(handOut: HandOut<SimulatedPeer>, peer: SimulatedPeer): void {
  handOut.add(peer);
  handOut.setWants(peer, undefined);
}

type World = {
  readonly handOut: HandOut<SimulatedPeer>;
  readonly peers: Set<SimulatedPeer>;
  readonly pieceCount: number;
  nowMs: number;
};

function createWorld(pieceCount: number, peerCount: number, stalledCount = 0): World {
  const handOut = new HandOut<SimulatedPeer>(pieceCount, pieceLengthBytes);
  const peers = new Set<SimulatedPeer>();
  for (let name = 0; name < peerCount; name += 1) {
    const peer = new SimulatedPeer(name, pieceCount, name < stalledCount);
    peers.add(peer);
    handOut.add(peer);
    handOut.setWants(peer, [{ firstPiece: 0, count: pieceCount, overdue: false }]);
  }
  return { handOut, peers, pieceCount, nowMs: 0 };
}

function give(world: World, peer: SimulatedPeer, piece: number): void {
  if (peer.pieces.add(piece)) world.handOut.received(peer, [piece], world.nowMs);
}

/** Time goes on: what was shown arrives after 40 ms, and peers pass a few pieces on. */
function step(world: World, passedOn: number): { peer: SimulatedPeer; piece: number }[] {
  world.nowMs += stepMs;
  const showings = world.handOut.next(world.nowMs);
  for (const { peer, piece } of showings) {
    if (!peer.stalled) peer.coming.set(piece, world.nowMs + 40);
  }
  for (const peer of world.peers) {
    for (const [piece, atMs] of peer.coming) {
      if (atMs > world.nowMs) continue;
      peer.coming.delete(piece);
      give(world, peer, piece);
    }
    if (!peer.stalled) passOn(world, peer, passedOn);
  }
  return showings;
}

function passOn(world: World, to: SimulatedPeer, count: number): void {
  let left = count;
  for (const from of world.peers) {
    for (let piece = 0; piece < world.pieceCount && left > 0; piece += 1) {
      if (!from.pieces.has(piece) || to.pieces.has(piece)) continue;
      give(world, to, piece);
      left -= 1;
    }
  }
}

/** Steps until all that do not stall have everything; fails past the limit. */
function runToEnd(world: World, limitMs: number, passedOn = 3): number {
  const honest = () => [...world.peers].filter((peer) => !peer.stalled);
  while (honest().some((peer) => !peer.pieces.isComplete)) {
    step(world, passedOn);
    const left = honest().map((peer) => world.pieceCount - peer.pieces.count);
    assert.ok(world.nowMs < limitMs, `after ${world.nowMs} ms pieces are missing: ${left}`);
  }
  return world.nowMs;
}

test('each piece leaves once before any leaves twice', (t) => {
  const property = fc.property(
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 1, max: 150 }),
    (peerCount, pieceCount) => {
      const world = createWorld(pieceCount, peerCount);
      const left = new Set<number>();
      while (left.size < pieceCount) {
        for (const { piece } of step(world, 2)) {
          if (left.size === pieceCount) break;
          assert.ok(!left.has(piece), `piece ${piece} left twice, ${left.size} of ${pieceCount}`);
          left.add(piece);
        }
        assert.ok(world.nowMs < 60_000, `${left.size} of ${pieceCount} have left`);
      }
    },
  );
  t.notThrows(() => fc.assert(property));
});

test('pieces leave in the order in which they are wanted', (t) => {
  const world = createWorld(100, 5);
  for (const peer of world.peers) {
    world.handOut.setWants(peer, [
      { firstPiece: 50, count: 10, overdue: false },
      { firstPiece: 0, count: 20, overdue: false },
    ]);
  }
  const order: number[] = [];
  while (order.length < 30 && world.nowMs < 10_000) {
    order.push(...step(world, 0).map(({ piece }) => piece));
  }
  const wanted = [...Array(10).keys()].map((piece) => piece + 50).concat([...Array(20).keys()]);
  t.deepEqual(order.slice(0, 30), wanted);
});

test('nobody is shown what he has, what he was shown, or what he does not want', (t) => {
  const range = fc
    .record({ firstPiece: fc.nat(39), count: fc.nat(20), overdue: fc.boolean() })
    .map((each) => ({ ...each, count: Math.min(each.count, 40 - each.firstPiece) }));
  const wantsOfAll = fc.array(fc.array(range, { maxLength: 4 }), { minLength: 1, maxLength: 6 });
  const property = fc.property(wantsOfAll, (wants) => {
    const world = createWorld(40, wants.length);
    const shown = new Set<string>();
    [...world.peers].forEach((peer, index) => {
      world.handOut.setWants(peer, wants[index] ?? []);
    });
    for (let turn = 0; turn < 100; turn += 1) {
      const before = new Map([...world.peers].map((peer) => [peer, peer.pieces.bytes.slice()]));
      for (const { peer, piece } of step(world, 0)) {
        const had = before.get(peer)?.[piece >> 3] ?? 0;
        assert.equal(had & (0x80 >> (piece & 7)), 0);
        assert.ok(!shown.has(`${peer.name}:${piece}`));
        shown.add(`${peer.name}:${piece}`);
        const ofPeer = wants[peer.name] ?? [];
        assert.ok(
          ofPeer.some((each) => piece >= each.firstPiece && piece < each.firstPiece + each.count),
        );
        assert.ok(world.handOut.isShown(peer, piece));
      }
    }
  });
  t.notThrows(() => fc.assert(property));
});

test('all pieces reach all peers, also when some leave and others come', (t) => {
  const change = fc.record({ atStep: fc.nat(60), leaves: fc.nat(19), joins: fc.boolean() });
  const property = fc.property(
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 1, max: 120 }),
    fc.array(change, { maxLength: 10 }),
    (peerCount, pieceCount, changes) => {
      const world = createWorld(pieceCount, peerCount);
      for (let turn = 0; turn <= 60; turn += 1) {
        for (const each of changes.filter(({ atStep }) => atStep === turn)) churn(world, each);
        step(world, 1);
      }
      if (world.peers.size > 0) runToEnd(world, 60_000);
    },
  );
  t.notThrows(() => fc.assert(property));
});

function churn(world: World, change: { readonly leaves: number; readonly joins: boolean }): void {
  const leaving = [...world.peers][change.leaves];
  if (leaving !== undefined) {
    world.peers.delete(leaving);
    world.handOut.remove(leaving);
  }
  if (!change.joins) return;
  const peer = new SimulatedPeer(100 + world.nowMs, world.pieceCount);
  world.peers.add(peer);
  addUnasked(world.handOut, peer);
  world.handOut.setWants(peer, [{ firstPiece: 0, count: world.pieceCount, overdue: false }]);
}

test('what a dead peer was shown, or alone had, is shown again', (t) => {
  const world = createWorld(6, 2);
  const [dead, alive] = [...world.peers];
  if (dead === undefined || alive === undefined) return t.fail();
  world.handOut.setWants(alive, []);
  while (!dead.pieces.isComplete && world.nowMs < 5000) step(world, 0);
  t.true(world.handOut.allOut);
  world.peers.delete(dead);
  world.handOut.remove(dead);
  t.false(world.handOut.allOut);
  world.handOut.setWants(alive, [{ firstPiece: 0, count: 6, overdue: false }]);
  t.notThrows(() => runToEnd(world, world.nowMs + 5000, 0));
});

/** What is shown until then, with the time at which it was. */
function showAllUntil(world: World, untilMs: number) {
  const shown: { readonly atMs: number; readonly piece: number }[] = [];
  while (world.nowMs < untilMs) {
    for (const { piece } of step(world, 0)) shown.push({ atMs: world.nowMs, piece });
  }
  return shown;
}

test('what has left is left to the peers that have it, until an installer has waited for it', (t) => {
  const world = createWorld(12, 3);
  const [first, second] = [...world.peers];
  if (!first || !second) throw new Error('expected three peers');
  for (let piece = 0; piece < 12; piece += 1) give(world, first, piece);
  t.deepEqual(showAllUntil(world, 4_000), []);
  world.handOut.setWants(second, [
    { firstPiece: 4, count: 1, overdue: true },
    { firstPiece: 0, count: 12, overdue: false },
  ]);
  t.deepEqual(step(world, 0), [{ peer: second, piece: 4 }]);
  t.deepEqual(showAllUntil(world, 7_900), []);
});

test('a peer that claims to have everything, or passes nothing on, holds the others up for some seconds only', (t) => {
  const world = createWorld(40, 5);
  const [claims, ...others] = [...world.peers];
  if (!claims) throw new Error('expected five peers');
  for (let piece = 0; piece < 40; piece += 1) give(world, claims, piece);
  t.deepEqual(showAllUntil(world, 7_900), []);
  const shown = [];
  while (world.nowMs < 9_000) {
    shown.push(...step(world, 0).map(({ piece }) => piece));
    const passedOn = shown.filter((piece) => others.some(({ pieces }) => pieces.has(piece)));
    for (const piece of passedOn) for (const other of others) give(world, other, piece);
  }
  t.is(new Set(shown).size, 40);
  t.is(shown.length, 40, 'each once: who was shown it passes it on');
});

test('what nobody gets is shown again only to who needs it next', (t) => {
  const world = createWorld(100, 5);
  const [ahead, behind, late] = [...world.peers];
  if (!ahead || !behind || !late) throw new Error('expected five peers');
  for (let piece = 0; piece < 100; piece += 1) give(world, ahead, piece);
  for (let piece = 0; piece < 20; piece += 1) give(world, behind, piece);
  world.handOut.setWants(behind, []);
  t.deepEqual(showAllUntil(world, 12_000), [], 'the others get the first twenty from two of them');
  world.handOut.setWants(late, [{ firstPiece: 20, count: 80, overdue: false }]);
  t.deepEqual(step(world, 0), [{ peer: late, piece: 20 }]);
});

test('what a peer has lost counts as not having left', (t) => {
  const world = createWorld(1, 2);
  const [one, other] = [...world.peers];
  if (one === undefined || other === undefined) return t.fail();
  world.handOut.setWants(other, []);
  while (!one.pieces.isComplete && world.nowMs < 5000) step(world, 0);
  one.pieces.remove(0);
  world.handOut.lost(one, 0);
  t.false(world.handOut.allOut);
  world.handOut.setWants(other, [{ firstPiece: 0, count: 1, overdue: false }]);
  t.deepEqual(step(world, 0), [{ peer: other, piece: 0 }]);
});

test('a peer that cannot say what it wants is taken to want everything', (t) => {
  const handOut = new HandOut<SimulatedPeer>(50, pieceLengthBytes);
  const peer = new SimulatedPeer(0, 50);
  addUnasked(handOut, peer);
  const world: World = { handOut, peers: new Set([peer]), pieceCount: 50, nowMs: 0 };
  t.notThrows(() => runToEnd(world, 10_000));
  t.true(handOut.allOut);
});

test('little is on the way at once', (t) => {
  const world = createWorld(1000, 10, 10);
  let shown = 0;
  for (let turn = 0; turn < 50; turn += 1) shown += step(world, 0).length;
  t.true(shown <= 8, `${shown} pieces within a second, and none was fetched`);
});

test('strangers to the hand-out are none of its business', (t) => {
  const handOut = new HandOut<SimulatedPeer>(5, pieceLengthBytes);
  const stranger = new SimulatedPeer(0, 5);
  t.notThrows(() => {
    handOut.setWants(stranger, []);
    handOut.confirm(stranger, 0, 0);
    handOut.remove(stranger);
    handOut.remove(stranger);
  });
  t.false(handOut.isShown(stranger, 0));
  t.deepEqual(handOut.next(0), []);
});

test('a torrent of no pieces is all out', (t) => {
  const handOut = new HandOut<SimulatedPeer>(0, pieceLengthBytes);
  addUnasked(handOut, new SimulatedPeer(0, 0));
  t.true(handOut.allOut);
  t.deepEqual(handOut.next(0), []);
});

test('a peer that has not said what it wants is shown nothing', (t) => {
  const handOut = new HandOut<SimulatedPeer>(20, pieceLengthBytes);
  const peer = new SimulatedPeer(0, 20);
  handOut.add(peer);
  t.deepEqual(handOut.next(1000), []);
  handOut.setWants(peer, [{ firstPiece: 7, count: 1, overdue: false }]);
  t.deepEqual(handOut.next(1100), [{ peer, piece: 7 }]);
});

test('peers that want the same are shown equal shares', (t) => {
  const world = createWorld(400, 4);
  const given = new Map<SimulatedPeer, number>();
  for (let round = 0; round < 200; round += 1) {
    for (const { peer } of step(world, 0)) given.set(peer, (given.get(peer) ?? 0) + 1);
  }
  const shares = [...given.values()];
  t.is(shares.length, 4);
  t.true(Math.max(...shares) <= 1.2 * Math.min(...shares), shares.join(' '));
});
test('peers that fetch nothing do not keep the others waiting', (t) => {
  for (const stalledCount of [1, 4, 19]) {
    const world = createWorld(100, 20, stalledCount);
    t.notThrows(() => runToEnd(world, 15_000), `${stalledCount} of 20 stalled`);
  }
});

test('what an installer waits for too long is shown at once, whoever stalls', (t) => {
  const world = createWorld(200, 20, 19);
  for (let turn = 0; turn < 20; turn += 1) step(world, 0);
  const honest = [...world.peers].find((peer) => !peer.stalled);
  if (honest === undefined) return t.fail();
  const missing = [...Array(200).keys()].filter((piece) => !honest.pieces.has(piece));
  const late = missing.filter((piece) => !world.handOut.isShown(honest, piece)).slice(0, 4);
  world.handOut.setWants(
    honest,
    late.map((firstPiece) => ({ firstPiece, count: 1, overdue: true })),
  );
  for (let turn = 0; turn < 10; turn += 1) step(world, 0);
  t.deepEqual(
    late.filter((piece) => !world.handOut.isShown(honest, piece)),
    [],
  );
});

test('what cannot be read is never shown, and does not keep the rest inside', (t) => {
  const world = createWorld(30, 4);
  const withheld = new Set([0, 7, 29]);
  for (const piece of withheld) world.handOut.withhold(piece);
  const [first] = [...world.peers];
  if (first === undefined) return t.fail();
  world.handOut.setWants(first, [
    { firstPiece: 7, count: 1, overdue: true },
    { firstPiece: 0, count: 30, overdue: false },
  ]);
  for (let turn = 0; turn < 300; turn += 1) {
    for (const { piece } of step(world, 1))
      t.false(withheld.has(piece), `piece ${piece} was shown`);
  }
  for (const peer of world.peers) t.is(peer.pieces.count, 27);
  t.true(world.handOut.allOut);
});

test('of what has left, only racks that do not have it are shown it, as long as nobody brings it', (t) => {
  const world = createWorld(6, 4);
  const { handOut } = world;
  const [one, mate, other, far] = [...world.peers];
  if (!one || !mate || !other || !far) throw new Error('expected four peers');
  handOut.setRack(one, 1);
  handOut.setRack(mate, 1);
  handOut.setRack(other, 2);
  handOut.setRack(far, 2);
  for (let piece = 0; piece < 6; piece += 1) give(world, one, piece);
  handOut.claimed(far, [0, 1, 2], 0);
  const shown = new Set<string>();
  const showAll = (untilMs: number) => {
    for (; world.nowMs < untilMs; ) {
      for (const { peer, piece } of step(world, 0)) shown.add(`${peer.name}:${piece}`);
    }
  };
  showAll(2_500);
  t.deepEqual([...shown].map((each) => each.split(':')[1]).sort(), ['3', '4', '5']);
  t.false(
    [...shown].some((each) => each.startsWith(`${mate.name}:`)),
    'its rack has it all',
  );
  showAll(6_000);
  t.is(shown.size, 6, 'who did not bring it has had his time');
});

test('what an installer waits for is not shown to a rack that has it, until that was in vain for two seconds', (t) => {
  const handOut = new HandOut<SimulatedPeer>(4, pieceLengthBytes);
  const [one, mate, far] = [0, 1, 2].map((name) => new SimulatedPeer(name, 4));
  if (!one || !mate || !far) throw new Error('expected three peers');
  for (const [peer, rack] of [
    [one, 1],
    [mate, 1],
    [far, 2],
  ] as const) {
    handOut.add(peer);
    handOut.setRack(peer, rack);
  }
  one.pieces.add(2);
  handOut.received(one, [2], 0);
  const wants = [{ firstPiece: 2, count: 1, overdue: true }];
  handOut.setWants(mate, wants);
  t.deepEqual(handOut.next(0), []);
  handOut.setWants(far, wants);
  t.deepEqual(handOut.next(50), [{ peer: far, piece: 2 }]);
  handOut.setRack(mate, 3);
  t.deepEqual(handOut.next(100), [{ peer: mate, piece: 2 }], 'it is in another rack after all');

  for (const peer of [far, mate]) {
    peer.pieces.add(2);
    handOut.received(peer, [2], 150);
  }
  const other = new SimulatedPeer(3, 4);
  handOut.add(other);
  handOut.setRack(other, 1);
  handOut.setWants(other, wants);
  for (const nowMs of [200, 1_200, 2_180]) t.deepEqual(handOut.next(nowMs), []);
  t.deepEqual(handOut.next(2_200), [{ peer: other, piece: 2 }]);
});

test('a rack that says again and again that it fetches a piece is shown it all the same', (t) => {
  const world = createWorld(1, 2);
  const { handOut } = world;
  const [one, far] = [...world.peers];
  if (!one || !far) throw new Error('expected two peers');
  handOut.setRack(one, 1);
  handOut.setRack(far, 2);
  give(world, one, 0);
  const showUntil = (untilMs: number) => {
    const shown: unknown[] = [];
    for (; world.nowMs < untilMs; ) {
      handOut.claimed(far, [0], world.nowMs);
      shown.push(...step(world, 0));
    }
    return shown;
  };
  t.deepEqual(showUntil(2_900), []);
  t.deepEqual(showUntil(3_100), [{ peer: far, piece: 0 }]);
});

test('more leaves at once as soon as pieces arrive quickly', (t) => {
  const world = createWorld(10_000, 20);
  let shown = 0;
  for (let turn = 0; turn < 10; turn += 1) shown += step(world, 0).length;
  t.true(shown > 100, `${shown} pieces within 200 ms, each of which took 40`);
});

/** All pieces have left, and a peer that has them as well says what it wants; looks are counted. */
function createCounted(pieceCount: number) {
  const counts = { looks: 0 };
  const counting = new (class extends Bitfield {
    override has(piece: number): boolean {
      counts.looks += 1;
      return super.has(piece);
    }
  })(pieceCount);
  const handOut = new HandOut<{ readonly pieces: Bitfield }>(pieceCount, pieceLengthBytes);
  const full = { pieces: new Bitfield(pieceCount) };
  full.pieces.addAll();
  const greedy = { pieces: counting };
  handOut.add(full);
  handOut.received(full, [...Array(pieceCount).keys()], 0);
  handOut.add(greedy);
  counting.addAll();
  return { handOut, greedy, counts };
}

test('wants that overlap cost no more than two looks at each piece, urgent ones as well', (t) => {
  const pieceCount = 65_536;
  const { handOut, greedy, counts } = createCounted(pieceCount);
  for (const overdue of [false, true]) {
    const range = { firstPiece: 0, count: pieceCount, overdue };
    const wants = Array.from({ length: maximumWantedRanges }, () => range);
    counts.looks = 0;
    for (let nowMs = 1_000; nowMs < 1_100; nowMs += 1) {
      handOut.setWants(greedy, wants);
      handOut.next(nowMs);
    }
    // New and overdue pieces are looked for five times in these 100 ms.
    const most = 2 * pieceCount * 5 * (overdue ? 2 : 1);
    t.true(counts.looks > pieceCount && counts.looks <= most, `${counts.looks} looks`);
  }
});

test('who has and loses in turn has all pieces looked through no more often than others', (t) => {
  const pieceCount = 4_096;
  const { handOut, greedy, counts } = createCounted(pieceCount);
  let nowMs = 1_000;
  const toggle = (piece: number) => {
    greedy.pieces.remove(piece);
    handOut.lost(greedy, piece);
    greedy.pieces.add(piece);
    handOut.received(greedy, [piece], nowMs);
  };
  handOut.setWants(greedy, [{ firstPiece: 0, count: pieceCount, overdue: false }]);
  for (const piece of [0, pieceCount - 1]) {
    toggle(piece);
    counts.looks = 0;
    for (const endMs = nowMs + 100; nowMs < endMs; nowMs += 1) {
      toggle(piece);
      handOut.next(nowMs);
      t.true(handOut.allOut);
    }
    // Once in 20 ms, and what the test itself does.
    const most = 6 * pieceCount + 300;
    t.true(counts.looks > pieceCount && counts.looks <= most, `${counts.looks} looks`);
  }
});

test('that one peer loses a piece which others have does not put it back inside', (t) => {
  const departed = new DepartedPieces(3);
  for (const piece of [0, 1, 2]) departed.held(undefined, piece, 1);
  departed.held(undefined, 0, 1);
  t.is(departed.firstInside, 3);
  const looks: number[] = [];
  const { isInside } = departed;
  departed.isInside = (piece) => looks.push(piece) > 0 && isInside.call(departed, piece);
  departed.held(undefined, 0, -1);
  t.is(departed.firstInside, 3);
  t.deepEqual(looks, [0], 'only that one is looked at');
  departed.held(undefined, 0, -1);
  t.is(departed.firstInside, 0);
});

test('what is new brings the next piece at once, however much was lost; what was lost before does not', (t) => {
  const pieceCount = 2_000;
  const world = createWorld(pieceCount, 2);
  const { handOut } = world;
  const [full, small] = [...world.peers];
  if (full === undefined || small === undefined) throw new Error('expected two peers');
  for (let piece = 0; piece < pieceCount - 1; piece += 1) give(world, full, piece);
  handOut.setWants(full, []);
  const lose = (piece: number) => {
    small.pieces.remove(piece);
    handOut.lost(small, piece);
  };
  for (let piece = 0; piece < 1_000; piece += 1) {
    give(world, small, piece);
    lose(piece);
  }
  /** What is shown once it has got a piece, and one is there that nobody has. */
  const shownAfter = (piece: number) => {
    world.nowMs += 100;
    handOut.setWants(small, []);
    handOut.next(world.nowMs);
    handOut.setWants(small, [{ firstPiece: pieceCount - 1, count: 1, overdue: false }]);
    give(world, small, piece);
    return handOut.next(world.nowMs).length;
  };
  t.is(shownAfter(0), 0);
  t.is(shownAfter(1_500), 1);
});

test('of forty peers four that have a piece are few, and five are not', (t) => {
  for (const [holders, shown] of [
    [4, [0]],
    [5, []],
  ] as const) {
    const world = createWorld(1, 40);
    for (const peer of [...world.peers].slice(0, holders)) give(world, peer, 0);
    t.deepEqual(
      showAllUntil(world, 8_020).map(({ piece }) => piece),
      shown,
    );
  }
});
