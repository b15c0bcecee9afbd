import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Bitfield } from '../../src/protocol/bitfield.ts';
import { PieceBook, ReadError } from '../../src/swarm/piece-book.ts';

const pieceCount = 24;

test('what is held, asked for and had by peers adds up, whatever happens', (t) => {
  const step = fc.record({
    kind: fc.constantFrom('add', 'takeUp', 'remove', 'ask', 'has', 'lost'),
    piece: fc.nat(pieceCount - 1),
    count: fc.nat(5),
  });
  const property = fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
    const book = new PieceBook(pieceCount);
    const held = new Set<number>();
    const asked = new Set<number>();
    const takenUp = new Set<number>();
    const peer = new Bitfield(pieceCount);
    for (const { kind, piece, count } of steps) {
      if (kind === 'add') {
        held.add(piece);
        book.add(piece);
      } else if (kind === 'takeUp') {
        if (!held.has(piece)) takenUp.add(piece);
        held.add(piece);
        book.takeUp(piece);
      } else if (kind === 'remove') {
        held.delete(piece);
        takenUp.delete(piece);
        book.remove(piece);
      } else if (kind === 'ask') {
        const end = Math.min(pieceCount, piece + count);
        for (let each = piece; each < end; each += 1) asked.add(each);
        book.ask({ first: piece, end });
      } else if (kind === 'has') {
        if (peer.add(piece)) book.peerHas([piece]);
      } else if (peer.remove(piece)) book.peerLost(piece);
      assert.equal(book.heldUnasked, held.difference(asked).difference(takenUp).size);
      assert.equal(book.held.count, held.size);
      assert.equal(book.copiesOf(piece), peer.has(piece) ? 1 : 0);
    }
    book.peerGone(peer);
    assert.ok(book.availability.every((copies) => copies === 0));
  });
  t.notThrows(() => fc.assert(property));
});

test('all who wait for a piece get it, and nobody else', async (t) => {
  const book = new PieceBook(3);
  const { signal } = new AbortController();
  const waiting = [book.waitFor(1, signal), book.waitFor(1, signal)];
  let other = false;
  void book.waitFor(2, signal).then(() => {
    other = true;
  });
  t.true(book.isWaitedFor(1));
  book.add(1);
  await t.notThrowsAsync(Promise.all(waiting));
  t.false(book.isWaitedFor(1));
  t.false(other);
});

test('one who gives up does not take the others with him', async (t) => {
  const book = new PieceBook(3);
  const abort = new AbortController();
  const impatient = book.waitFor(1, abort.signal);
  const patient = book.waitFor(1, new AbortController().signal);
  abort.abort(new Error('enough'));
  await t.throwsAsync(impatient, { message: 'enough' });
  book.add(1);
  await t.notThrowsAsync(patient);
  await t.throwsAsync(book.waitFor(1, abort.signal), { message: 'enough' });
  t.false(book.isWaitedFor(1));
});

test('nobody waits for more than a minute', async (t) => {
  const book = new PieceBook(3);
  const { signal } = new AbortController();
  const waiting = book.waitFor(1, signal);
  book.giveUpWaiting(performance.now() + 59_000);
  t.true(book.isWaitedFor(1));
  book.giveUpWaiting(performance.now() + 60_001);
  await t.throwsAsync(waiting, { instanceOf: ReadError, code: 'unavailable' });
  t.false(book.isWaitedFor(1));
});

test('who has less patience gives up sooner', async (t) => {
  const book = new PieceBook(3);
  const { signal } = new AbortController();
  const impatient = book.waitFor(1, signal, 2_000);
  const patient = book.waitFor(1, signal);
  book.giveUpWaiting(performance.now() + 2_001);
  await t.throwsAsync(impatient, { code: 'unavailable', message: /within 2 s/ });
  book.add(1);
  await t.notThrowsAsync(patient);
});

test('after the end nobody waits', async (t) => {
  const book = new PieceBook(3);
  const { signal } = new AbortController();
  const waiting = book.waitFor(1, signal);
  book.close();
  await t.throwsAsync(waiting, { instanceOf: ReadError, code: 'closed' });
  await t.throwsAsync(book.waitFor(2, signal), { instanceOf: ReadError, code: 'closed' });
  t.notThrows(() => book.add(1));
});

test('reading ahead is worth less the more of it is driven out unread, and more again after that', (t) => {
  const book = new PieceBook(1000);
  t.is(book.aheadWorth, 1);
  for (let piece = 0; piece < 300; piece += 1) {
    book.add(piece);
    book.remove(piece);
  }
  t.true(book.aheadWorth < 0.05);
  for (let piece = 300; piece < 600; piece += 1) {
    book.add(piece);
    book.ask({ first: piece, end: piece + 1 });
    book.remove(piece);
  }
  t.true(book.aheadWorth > 0.95);
});
