import test from 'ava';
import fc from 'fast-check';
import { AddressPace } from '../../src/tracker/address-pace.ts';
import { createTestRegistry, peersIn, reasonOf } from './registry-fixture.ts';
import { infohash } from './tracker-fixture.ts';

const pace = { burst: 3, perSecond: 2, addresses: 100 };

test('whenever it is asked, an address gets its burst and what the time since has earned, and no more', (t) => {
  const pauses = fc.array(fc.nat({ max: 2_000 }), { maxLength: 50, size: 'max' });
  const property = fc.property(pauses, (all) => {
    const paced = new AddressPace(pace);
    let nowMs = 5_000;
    let taken = 0;
    for (const pauseMs of all) {
      nowMs += pauseMs;
      if (paced.take('10.1.0.1', nowMs)) taken += 1;
    }
    return taken <= 3 + (nowMs - 5_000) / 500 && taken >= Math.min(all.length, 3);
  });
  t.notThrows(() => fc.assert(property));
});

test('who keeps to it is never refused', (t) => {
  const paced = new AddressPace(pace);
  for (let turn = 0; turn < 1_000; turn += 1) t.true(paced.take('10.1.0.1', turn * 500));
});

test('of any number of addresses so many are kept, and those are that ask', (t) => {
  const paced = new AddressPace(pace);
  for (let at = 0; at < 10_000; at += 1) {
    paced.take(`10.1.${at >> 8}.${at & 255}`, 0);
    const isTaken = paced.take('10.9.9.9', 0);
    if (at > 2) t.false(isTaken);
  }
  t.is(paced.size, 100);
});

test('one that announces without end is refused, whatever its port; others, and farewells, are not', (t) => {
  const { announce, registry, clock } = createTestRegistry({ pace });
  announce({ address: '10.1.0.2' });
  for (let port = 1; port <= 3; port += 1) t.is(reasonOf(announce({ port })), undefined);
  t.is(reasonOf(announce({ port: 4 })), 'too-often');
  t.is(reasonOf(announce({ port: 1, downloadedBytes: 5 })), 'too-often');
  t.is(registry.totalsOf(infohash).downloadedBytes, 0);
  t.is(peersIn(announce({ address: '10.1.0.2' }))?.length, 3);
  t.is(reasonOf(announce({ port: 1, event: 'stopped' })), undefined);
  t.is(registry.countsOf(infohash).leechers, 3);
  clock.nowMs += 500;
  t.is(reasonOf(announce({ port: 2, event: 'completed', leftBytes: 0 })), undefined);
  t.is(reasonOf(announce({ port: 3 })), 'too-often');
});
