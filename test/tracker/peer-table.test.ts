import test from 'ava';
import fc from 'fast-check';
import {
  addressBytes,
  isIpv4At,
  readAddress,
  writeAddress,
} from '../../src/tracker/address-bytes.ts';
import { PeerTable } from '../../src/tracker/peer-table.ts';
import { requestOf } from './registry-fixture.ts';
import { peerIdOf } from './tracker-fixture.ts';

test('an IPv4 address comes back as it went in', (t) => {
  const property = fc.property(fc.ipV4(), (address) => {
    const bytes = new Uint8Array(addressBytes).fill(7);
    writeAddress(bytes, 0, address);
    return isIpv4At(bytes, 0) && readAddress(bytes, 0) === address;
  });
  t.notThrows(() => fc.assert(property));
});

test('an IPv6 address comes back as its shortest form, whichever it went in', (t) => {
  const property = fc.property(fc.ipV6(), (address) => {
    const bytes = new Uint8Array(addressBytes).fill(7);
    writeAddress(bytes, 0, address);
    const shortest = new URL(`http://[${address}]/`).hostname.slice(1, -1);
    return isIpv4At(bytes, 0) || readAddress(bytes, 0) === shortest;
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1_000 }));
});

const capacity = 12;
const step = fc.record({
  swarm: fc.integer({ min: 1, max: 3 }),
  address: fc.constantFrom('10.1.0.1', '10.1.0.2', 'fd00::1', 'fd00::2'),
  port: fc.integer({ min: 1, max: 3 }),
  deletes: fc.boolean(),
});

test('after any changes each peer is found in its slot, and no other', (t) => {
  const property = fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
    const table = new PeerTable(capacity);
    const model = new Map<string, number>();
    for (const { swarm, deletes, ...peer } of steps) {
      const key = `${swarm} ${peer.address} ${peer.port}`;
      const { slot } = table.find(swarm, peer);
      if (slot !== (model.get(key) ?? -1)) return false;
      if (slot >= 0 && deletes) {
        table.delete(slot);
        model.delete(key);
      } else if (slot < 0 && !deletes && model.size < capacity) {
        const added = table.add(swarm, peer);
        table.note(added, requestOf({ ...peer, downloadedBytes: swarm }), 5);
        model.set(key, added);
      }
    }
    const isEachItself = [...model].every(([key, slot]) => {
      const { address, port, downloadedBytes } = table.read(slot);
      return key === `${downloadedBytes} ${address} ${port}`;
    });
    return isEachItself && table.size === model.size && new Set(model.values()).size === model.size;
  });
  t.notThrows(() => fc.assert(property, { numRuns: 500 }));
});

test('a slot that is used again remembers nothing', (t) => {
  const table = new PeerTable(1);
  const first = requestOf({ event: 'completed', leftBytes: 0, role: 'compute' });
  const slot = table.add(1, first);
  table.note(slot, first, 1);
  table.reportNumbers[slot] = 9;
  table.delete(slot);
  const second = requestOf({ address: '10.1.0.2', peerId: peerIdOf('other') });
  t.is(table.add(2, second), slot);
  table.note(slot, second, 2);
  t.is(table.reportNumbers[slot], 0);
  t.like(table.read(slot), { address: '10.1.0.2', completed: false, role: undefined });
});

test('of more roles than there are numbers the last ones are not kept', (t) => {
  const table = new PeerTable(1);
  const slot = table.add(1, requestOf());
  for (let index = 0; index < 300; index += 1) {
    table.note(slot, requestOf({ role: `role-${index}` }), 1);
  }
  t.is(table.read(slot).role, undefined);
  table.note(slot, requestOf({ role: 'role-7' }), 1);
  t.is(table.read(slot).role, 'role-7');
});
