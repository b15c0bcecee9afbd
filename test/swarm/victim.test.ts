import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Demand } from '../../src/swarm/demand.ts';
import type { HeldPiece } from '../../src/swarm/piece-book.ts';
import { PieceBook } from '../../src/swarm/piece-book.ts';
import { chooseVictim, describeHeld } from '../../src/swarm/victim.ts';

const kinds = ['whole', 'part', 'none'] as const;
const heldPieces = fc
  .array(
    fc.record({
      read: fc.constantFrom(...kinds),
      wanted: fc.boolean(),
      surplus: fc.boolean(),
      copies: fc.nat(3000),
    }),
  )
  .map((list) => list.map((held, piece): HeldPiece => ({ ...held, piece })));

test('what is wanted never goes, and something else goes whenever there is something', (t) => {
  const property = fc.property(heldPieces, (list) => {
    const victim = chooseVictim(list);
    const free = list.filter((held) => !held.wanted);
    if (free.length === 0) assert.equal(victim, undefined);
    else assert.ok(victim !== undefined && free.includes(victim));
  });
  t.notThrows(() => fc.assert(property));
});

test('surplus goes first, then what the installer has had, of that what the swarm has most of', (t) => {
  const property = fc.property(heldPieces, (list) => {
    const victim = chooseVictim(list);
    if (victim === undefined) return;
    for (const other of list.filter((held) => !held.wanted)) {
      assert.ok(victim.surplus || !other.surplus);
      if (victim.surplus !== other.surplus) continue;
      const [own, others] = [kinds.indexOf(victim.read), kinds.indexOf(other.read)];
      assert.ok(victim.surplus || own <= others);
      if (!victim.surplus && own !== others) continue;
      assert.ok(Math.min(victim.copies, 999) >= Math.min(other.copies, 999));
    }
  });
  t.notThrows(() => fc.assert(property));
});

test('of each piece it is said whether it is wanted, read, or too much', (t) => {
  const pieces = fc.uniqueArray(fc.nat(199));
  const property = fc.property(pieces, fc.nat(150), fc.boolean(), (held, first, mayReadAhead) => {
    const book = new PieceBook(200, () => 10);
    for (const piece of held) book.add(piece);
    const demand = new Demand(200, { urgentPieces: 4, soonPieces: 10, aheadPieces: 6 });
    book.ask({ first, end: first + 20 });
    demand.open({ first, end: first + 20 });
    book.consume(first, 10);
    book.consume(first + 1, 3);
    const described = describeHeld(book, demand, { pieces: held, mayReadAhead });
    assert.deepEqual(
      described.map(({ piece }) => piece),
      held,
    );
    for (const { piece, wanted, surplus, read } of described) {
      const isNear = demand.isAhead(piece) && read !== 'whole';
      assert.equal(wanted, demand.isSoon(piece) || isNear);
      const isUnasked = piece < first || piece >= first + 20;
      assert.equal(surplus, !mayReadAhead && !wanted && isUnasked);
      const expected = piece === first ? 'whole' : piece === first + 1 ? 'part' : 'none';
      assert.equal(read, expected);
    }
  });
  t.notThrows(() => fc.assert(property));
});
