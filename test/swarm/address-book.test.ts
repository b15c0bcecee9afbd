import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { AddressBook, addressKey } from '../../src/swarm/address-book.ts';

const address = (port: number) => ({ host: '10.1.1.5', port });

/** Calls that lead nowhere, and end before the next are made. */
function takeInVain(book: AddressBook, nowMs: number, count: number) {
  const taken = book.take(nowMs, count);
  for (const each of taken) book.missed(addressKey(each));
  return taken;
}

test('an address is given out once, and again only after a while', (t) => {
  const book = new AddressBook();
  book.add([address(1), address(2), address(1)]);
  t.deepEqual(book.take(0, 10), [address(1), address(2)]);
  t.deepEqual(book.take(1, 10), []);
  book.add([address(1)]);
  t.deepEqual(book.take(5000, 10), [], 'the calls have not ended');
  for (const port of [1, 2]) book.missed(addressKey(address(port)));
  t.deepEqual(book.take(4999, 10), []);
  t.is(book.take(5000, 10).length, 2);
});

test('no more are given out than asked for, and the others come next', (t) => {
  const book = new AddressBook();
  book.add([address(1), address(2), address(3)]);
  t.deepEqual(book.take(0, 0), []);
  t.deepEqual(book.take(0, 2), [address(1), address(2)]);
  t.deepEqual(book.take(0, 2), [address(3)]);
});

test('who does not answer is tried less and less often, but never given up', (t) => {
  const book = new AddressBook();
  book.add([address(1)]);
  const tries: number[] = [];
  for (let nowMs = 0; nowMs < 1_000_000; nowMs += 100) {
    if (takeInVain(book, nowMs, 1).length > 0) tries.push(nowMs);
  }
  const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
  t.deepEqual(pauses.slice(0, 6), [5000, 10_000, 20_000, 40_000, 80_000, 120_000]);
  t.true(pauses.every((pause) => pause <= 120_000));
});

test('who is connected is left alone until gone, and then soon tried again', (t) => {
  const book = new AddressBook();
  book.add([address(1)]);
  book.take(0, 1);
  book.connected(addressKey(address(1)));
  t.deepEqual(book.take(1e9, 1), []);
  book.gone(addressKey(address(1)), 1e9, false);
  t.deepEqual(book.take(1e9 + 4999, 1), []);
  t.deepEqual(book.take(1e9 + 5000, 1), [address(1)]);
});

test('who was connected once starts over with short pauses', (t) => {
  const book = new AddressBook();
  book.add([address(1)]);
  for (const nowMs of [0, 5000, 15_000, 35_000]) takeInVain(book, nowMs, 1);
  book.connected(addressKey(address(1)));
  book.gone(addressKey(address(1)), 50_000, false);
  t.is(takeInVain(book, 55_000, 1).length, 1);
  t.is(takeInVain(book, 60_000, 1).length, 1);
});

test('a frontend that is gone is tried at once, and the less often the longer it is away', (t) => {
  const book = new AddressBook();
  book.add([address(1), address(2)]);
  book.take(0, 2);
  for (const port of [1, 2]) book.connected(addressKey(address(port)));
  book.gone(addressKey(address(1)), 0, false);
  book.gone(addressKey(address(2)), 0, true);
  const tries: number[] = [];
  for (let nowMs = 0; nowMs < 200_000; nowMs += 100) {
    for (const { port } of takeInVain(book, nowMs, 0)) {
      t.is(port, 2, 'whoever else is there');
      tries.push(nowMs);
    }
  }
  t.is(tries[0], 500);
  tries.forEach((atMs, index) => {
    const pauseMs = atMs - (tries[index - 1] ?? 0);
    t.true(pauseMs <= Math.min(10_000, Math.max(500, atMs / 15) + 100), `${pauseMs} at ${atMs}`);
  });
  t.true(tries.length < 80, `${tries.length} calls in 200 s`);
});

test('a frontend that hangs up before it says so again stays one', (t) => {
  const book = new AddressBook();
  book.add([address(1)]);
  book.take(0, 1);
  book.connected(addressKey(address(1)));
  book.gone(addressKey(address(1)), 0, true);
  t.is(book.take(500, 0).length, 1);
  book.connected(addressKey(address(1)));
  book.gone(addressKey(address(1)), 600, false);
  t.is(book.take(1100, 0).length, 1);
});

test('of those that say they are frontends a few are called beyond what is asked for', (t) => {
  const book = new AddressBook();
  const ports = Array.from({ length: 30 }, (_, index) => index + 1);
  book.add(ports.map(address));
  book.take(0, 30);
  for (const port of ports) {
    book.connected(addressKey(address(port)));
    book.gone(addressKey(address(port)), 0, true);
  }
  t.is(book.take(1000, 0).length, 4);
});

test('a tracker cannot fill the book without end', (t) => {
  const book = new AddressBook();
  for (let port = 1; port <= 5000; port += 1) book.add([address(port)]);
  t.is(book.take(0, 10_000).length, 1000);
});

test('callers nobody told of are no addresses', (t) => {
  const book = new AddressBook();
  book.connected('10.1.1.9:4444');
  book.gone('10.1.1.9:4444', 0, false);
  t.deepEqual(book.take(1e9, 10), []);
});

test('an address has one key, however it is written', (t) => {
  t.is(addressKey({ host: '::ffff:10.1.1.5', port: 80 }), '10.1.1.5:80');
  t.is(addressKey({ host: '::FFFF:10.1.1.5', port: 80 }), '10.1.1.5:80');
  t.is(addressKey({ host: 'fd00::1', port: 80 }), '[fd00::1]:80');
});

test('whatever happens in whatever order, nobody is given out twice within a retry time', (t) => {
  const step = fc.record({
    kind: fc.constantFrom('add', 'take', 'gone', 'connected', 'missed'),
    port: fc.integer({ min: 1, max: 6 }),
    afterMs: fc.nat(3000),
  });
  const property = fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
    const book = new AddressBook();
    const lastGiven = new Map<number, number>();
    let nowMs = 0;
    for (const { kind, port, afterMs } of steps) {
      nowMs += afterMs;
      if (kind === 'add') book.add([address(port)]);
      else if (kind === 'gone') book.gone(addressKey(address(port)), nowMs, false);
      else if (kind === 'missed') book.missed(addressKey(address(port)));
      else if (kind === 'connected') book.connected(addressKey(address(port)));
      else {
        for (const given of book.take(nowMs, 3)) {
          assert.ok(nowMs - (lastGiven.get(given.port) ?? -5000) >= 5000);
          lastGiven.set(given.port, nowMs);
        }
      }
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 500 }));
});
