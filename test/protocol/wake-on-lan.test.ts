import test from 'ava';
import { encodeMagicPacket } from '../../src/protocol/wake-on-lan.ts';

test('a magic packet is six times ff, and the address sixteen times', (t) => {
  const packet = encodeMagicPacket('52:54:00:12:34:56');
  t.is(packet.length, 102);
  t.is(packet.toString('hex'), `ffffffffffff${'525400123456'.repeat(16)}`);
  t.throws(() => encodeMagicPacket('52:54'.concat(':x')), { code: 'bad-mac' });
});
