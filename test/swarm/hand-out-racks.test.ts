import test from 'ava';
import { HandOutRacks } from '../../src/swarm/hand-out-racks.ts';

test('a rack has what its machines have, what is sent to it, and for three seconds what they fetch', (t) => {
  const racks = new HandOutRacks(8);
  for (const rack of [1, 1, 2]) t.is(racks.enter(rack), rack);
  racks.add(1, 3, 1);
  racks.add(1, 3, 1);
  racks.add(1, 3, -1);
  racks.claim(1, [4], 0);
  t.deepEqual(
    [1, 2].map((rack) => [3, 4].map((piece) => racks.has(rack, piece))),
    [
      [true, true],
      [false, false],
    ],
  );
  racks.add(1, 3, -1);
  racks.expireClaims(2_999);
  t.deepEqual([racks.has(1, 3), racks.has(1, 4)], [false, true]);
  racks.expireClaims(3_000);
  t.false(racks.has(1, 4));
});

test('a rack is forgotten with its last machine; with one rack nobody is far', (t) => {
  const racks = new HandOutRacks(8);
  for (const rack of [1, 2, 2]) racks.enter(rack);
  racks.claim(2, [5], 0);
  racks.leave(2);
  t.true(racks.areSeveral && racks.has(2, 5));
  racks.leave(2);
  t.false(racks.areSeveral || racks.has(2, 5));
});

test('racks without end take no memory without end: further machines count for none', (t) => {
  const racks = new HandOutRacks(8);
  const entered = Array.from({ length: 2_000 }, (_, rack) => racks.enter(rack));
  const counted = entered.filter((rack) => rack !== undefined);
  t.is(counted.length, 512);
  racks.add(undefined, 3, 1);
  t.false(racks.has(1_999, 3));
  racks.leave(0);
  t.is(racks.enter(1_999), 1_999, 'there is room again');
});
