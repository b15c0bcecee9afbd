import test from 'ava';
import fc from 'fast-check';
import { netasciiLength, toNetascii } from '../../../src/protocol/tftp/netascii.ts';

test('line feeds become CR LF, carriage returns CR NUL', (t) => {
  t.is(toNetascii(Buffer.from('a\nb\rc\r\n')).toString(), 'a\r\nb\r\0c\r\0\r\n');
});

test('what any bytes become can be read back, and its length is known before', (t) => {
  const bytes = fc.array(fc.constantFrom(0, 0x0a, 0x0d, 0x41, 0xff), { maxLength: 200 });
  t.notThrows(() =>
    fc.assert(
      fc.property(bytes, (values) => {
        const converted = toNetascii(Buffer.from(values));
        t.is(converted.length, netasciiLength(Buffer.from(values)));
        const back = converted
          .toString('latin1')
          .replaceAll(/\r\n|\r\0/g, (pair) => (pair === '\r\n' ? '\n' : '\r'));
        t.deepEqual([...Buffer.from(back, 'latin1')], values);
      }),
    ),
  );
});
