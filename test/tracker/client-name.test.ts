import test from 'ava';
import fc from 'fast-check';
import { clientName } from '../../src/tracker/client-name.ts';

const hexOf = (text: string) => Buffer.from(text.padEnd(20, 'x')).toString('hex');

test('clients are known by their peer ids', (t) => {
  t.is(clientName(hexOf('-TR4060-')), 'Transmission 4.0.6');
  t.is(clientName(hexOf('-LT20B0-')), 'libtorrent 2.0.11');
  t.is(clientName(hexOf('-SC0100-')), 'scree 0.1');
  t.is(clientName(hexOf('A2-1-36-0-')), 'aria2 1.36.0');
  t.is(clientName(hexOf('-ZZ1000-')), 'ZZ 1.0');
  t.is(clientName(hexOf('M7-9-2--')), 'unknown');
});

test('any 20 bytes have a name of plain letters', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
      t.regex(clientName(Buffer.from(bytes).toString('hex')), /^[\w~µ.]+( [\d.]+)?$/);
    }),
  );
});
