import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Demand } from '../../src/swarm/demand.ts';
import type { HeldPiece } from '../../src/swarm/piece-book.ts';
import { PieceBook } from '../../src/swarm/piece-book.ts';
import { chooseVictim, sampleHeld } from '../../src/swarm/victim.ts';

const heldPieces = fc
  .array(fc.record({ consumed: fc.boolean(), wanted: fc.boolean(), copies: fc.nat(3000) }))
  .map((list) => list.map((held, piece): HeldPiece => ({ ...held, piece })));

test('what is wanted never goes, and something else goes whenever there is something', (t) => {
  const property = fc.property(heldPieces, (list) => {
    const victim = chooseVictim(list);
    const free = list.filter((held) => !held.wanted);
    if (free.length === 0) assert.equal(victim, undefined);
    else assert.ok(free.some((held) => held.piece === victim));
  });
  t.notThrows(() => fc.assert(property));
});

test('what the installer has had goes first, of that what the swarm has most of', (t) => {
  const property = fc.property(heldPieces, (list) => {
    const victim = list.find((held) => held.piece === chooseVictim(list));
    if (victim === undefined) return;
    for (const other of list.filter((held) => !held.wanted)) {
      assert.ok(victim.consumed || !other.consumed);
      if (victim.consumed !== other.consumed) continue;
      assert.ok(Math.min(victim.copies, 999) >= Math.min(other.copies, 999));
    }
  });
  t.notThrows(() => fc.assert(property));
});

test('a sample holds only held pieces, each once, and says which are wanted', (t) => {
  const property = fc.property(fc.uniqueArray(fc.nat(199)), fc.nat(150), (pieces, first) => {
    const book = new PieceBook(200);
    for (const piece of pieces) book.add(piece);
    const demand = new Demand(200, { urgentPieces: 4, soonPieces: 10, aheadPieces: 6 });
    demand.open({ first, end: first + 20 });
    const sample = sampleHeld(book, demand);
    const sampled = sample.map((held) => held.piece);
    assert.equal(new Set(sampled).size, sampled.length);
    assert.equal(sampled.length, Math.min(64, pieces.length));
    assert.ok(sampled.every((piece) => book.held.has(piece)));
    for (const { piece, wanted } of sample) {
      assert.equal(wanted, demand.isSoon(piece) || demand.isAhead(piece));
    }
  });
  t.notThrows(() => fc.assert(property));
});
