import test from 'ava';
import fc from 'fast-check';
import { NodesError } from '../../../src/frontend/nodes/errors.ts';
import {
  parseMac,
  readAddress,
  readClientClasses,
  readMac,
  readMacs,
  readName,
  readPlace,
  readRole,
  readUuid,
} from '../../../src/frontend/nodes/names.ts';

const mac = '52:54:00:ab:cd:ef';

test('a MAC address is taken in every usual form, and kept in one', (t) => {
  const forms = ['52:54:00:ab:cd:ef', '52-54-00-AB-CD-EF', '5254.00ab.cdef', '525400ABCDEF'];
  t.deepEqual(forms.map(readMac), Array(4).fill(mac));
  t.deepEqual(readMacs(forms), [mac]);
});

test('what only looks like a MAC address of a card is none', (t) => {
  const wrong = [
    ...['', '52:54:00:ab:cd', '52:54:00:ab:cd:ef:01', '52:54-00:ab:cd:ef', '5254.00ab', 'zz'],
    ...['ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01', '00:00:00:00:00:00', `${mac}\n`, ` ${mac}`],
  ];
  for (const text of wrong) {
    t.throws(() => readMac(text), { instanceOf: NodesError, code: 'bad-mac' }, text);
  }
  t.throws(() => readMacs([]), { code: 'bad-mac', message: /expected 1 to 16 MAC/ });
});

test('every MAC address is read from what it is written as', (t) => {
  const bytes = fc.uint8Array({ minLength: 6, maxLength: 6 });
  const separators = fc.constantFrom(':', '-', '');
  fc.assert(
    fc.property(bytes, separators, fc.boolean(), (raw, separator, isUpper) => {
      const pairs = [...raw].map((byte) => byte.toString(16).padStart(2, '0'));
      const text = pairs.join(separator);
      t.is(parseMac(isUpper ? text.toUpperCase() : text), pairs.join(':'));
    }),
  );
});

test('a name is that of a host', (t) => {
  for (const name of ['compute-0-1', 'a', '7', 'a'.repeat(63)]) t.is(readName(name), name);
  const wrong = ['', '-a', 'a-', 'A', 'a.b', 'a_b', 'ä', '../x', 'a'.repeat(64), 'a\n'];
  for (const name of [...wrong, '52-54-00-ab-cd-ef', '525400abcdef']) {
    t.throws(() => readName(name), { instanceOf: NodesError, code: 'bad-name' }, name);
  }
});

test('an address is the IPv4 address of a host', (t) => {
  t.is(readAddress('10.1.1.10'), '10.1.1.10');
  const wrong = ['', '10.1.1', '10.1.1.256', '010.1.1.1', '0.0.0.0', '127.0.0.1', '224.0.0.1'];
  for (const text of [...wrong, '255.255.255.255', 'fd00::1', '10.1.1.1/24']) {
    t.throws(() => readAddress(text), { instanceOf: NodesError, code: 'bad-address' }, text);
  }
});

test('a UUID is lower case, and not one that every board has', (t) => {
  const uuid = '4c4c4544-0042-3510-8056-b4c04f4b4d31';
  t.is(readUuid(uuid.toUpperCase()), uuid);
  const none = '00000000-0000-0000-0000-000000000000';
  for (const text of ['', uuid.replaceAll('-', ''), `{${uuid}}`, none, none.replaceAll('0', 'F')]) {
    t.throws(() => readUuid(text), { instanceOf: NodesError, code: 'bad-uuid' }, text);
  }
});

test('roles, places and client classes have their limits', (t) => {
  t.is(readRole('compute'), 'compute');
  t.throws(() => readRole('a b'), { code: 'bad-role' });
  t.is(readPlace(0), 0);
  for (const place of [-1, 0.5, 100_000, Number.NaN]) {
    t.throws(() => readPlace(place), { code: 'bad-place' });
  }
  t.deepEqual(readClientClasses(['PXEClient', 'd-i', 'PXEClient']), ['PXEClient', 'd-i']);
  t.deepEqual(readClientClasses([]), []);
  for (const wrong of ['', 'a b', 'ü', 'a'.repeat(65)]) {
    t.throws(() => readClientClasses([wrong]), { code: 'bad-class' }, wrong);
  }
});

test('any text is read or refused with a NodesError of one line', (t) => {
  const readers = [readMac, readName, readAddress, readUuid, readRole];
  fc.assert(
    fc.property(fc.string({ unit: 'binary', size: 'max', maxLength: 5_000 }), (text) => {
      for (const read of readers) {
        try {
          read(text);
        } catch (error) {
          if (!(error instanceof NodesError)) throw error;
          t.false(error.message.includes('\n'));
          t.true(error.message.length < 700);
        }
      }
    }),
  );
});
