import { createHmac } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { createConnectionIds, createHmacSha256 } from '../../src/tracker/connection-ids.ts';

const start = fc.integer({ min: 0, max: 200_000_000 });

test('an id is good for two minutes and no longer, whatever the clock shows', (t) => {
  fc.assert(
    fc.property(start, fc.integer({ min: 0, max: 300_000 }), (startMs, ageMs) => {
      const clock = { nowMs: startMs };
      const ids = createConnectionIds({ nowMs: () => clock.nowMs });
      const id = ids.create('10.1.1.7');
      clock.nowMs += ageMs;
      if (ageMs <= 120_000) t.true(ids.isValid(id, '10.1.1.7'));
      if (ageMs > 121_000) t.false(ids.isValid(id, '10.1.1.7'));
    }),
  );
});

test('an id is good for one address only', (t) => {
  const ids = createConnectionIds({ nowMs: () => 5_000_000 });
  const id = ids.create('10.1.1.7');
  t.false(ids.isValid(id, '10.1.1.8'));
  t.false(ids.isValid(id, 'fd00::7'));
});

test('a day later the same clock bytes do not make an old id good again', (t) => {
  const clock = { nowMs: 5_000_000 };
  const ids = createConnectionIds({ nowMs: () => clock.nowMs });
  const id = ids.create('10.1.1.7');
  clock.nowMs += 65_536_000;
  t.deepEqual(ids.create('10.1.1.7').subarray(0, 2), id.subarray(0, 2));
  t.false(ids.isValid(id, '10.1.1.7'));
});

test('no changed bit goes unnoticed', (t) => {
  const ids = createConnectionIds({ nowMs: () => 5_000_000 });
  for (let bit = 0; bit < 64; bit += 1) {
    const id = ids.create('10.1.1.7');
    id.writeUInt8(id.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    t.false(ids.isValid(id, '10.1.1.7'), `bit ${bit}`);
  }
});

test('another tracker, or the one after a restart, takes none of them', (t) => {
  const nowMs = () => 5_000_000;
  const id = createConnectionIds({ nowMs }).create('10.1.1.7');
  t.false(createConnectionIds({ nowMs }).isValid(id, '10.1.1.7'));
});

test('the hash is the HMAC that everybody else computes', (t) => {
  const property = fc.property(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.array(fc.ipV6(), { minLength: 1, maxLength: 5 }),
    (bytes, texts) => {
      const key = Buffer.from(bytes);
      const hmac = createHmacSha256(key);
      return texts.every((text) =>
        hmac(text).equals(createHmac('sha256', key).update(text).digest()),
      );
    },
  );
  t.notThrows(() => fc.assert(property));
});
