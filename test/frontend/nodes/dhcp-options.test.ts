import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { patchDhcpOptions, readStoredOptions } from '../../../src/frontend/nodes/dhcp-options.ts';
import { NodesError } from '../../../src/frontend/nodes/errors.ts';
import { parseOptions } from '../../../src/protocol/dhcp/option-text.ts';

const present = { mtu: 9000, ntp: ['10.1.1.1', '10.1.1.2'], 43: '0x0104' };

test('a patch replaces, adds and takes away; what it does not name stays', (t) => {
  const patch = { mtu: null, ntp: '10.1.1.3', 150: '10.1.1.1' };
  t.deepEqual(patchDhcpOptions(present, patch), { 43: '0x0104', 150: '10.1.1.1', ntp: '10.1.1.3' });
  t.is(patchDhcpOptions(present, undefined), present);
  t.deepEqual(patchDhcpOptions(present, null), {});
  t.deepEqual(patchDhcpOptions(present, {}), present);
});

test('an option has one value, by whichever of its names it is given', (t) => {
  t.deepEqual(patchDhcpOptions({ mtu: 9000 }, { 26: 1500 }), { 26: 1500 });
  t.deepEqual(patchDhcpOptions({ 26: 1500 }, { 'interface-mtu': null }), {});
  const twice = () => patchDhcpOptions({}, { mtu: 1500, 26: 9000 });
  t.throws(twice, { instanceOf: NodesError, code: 'bad-option', message: /option 26 once/ });
});

test('what no client could be told is refused, and says why', (t) => {
  const cases = [
    [{ mtu: 'huge' }, /^option 'mtu': expected a whole number from 0 to 65535, got "huge"$/],
    [{ nonsense: 'x' }, /^expected an option's number \(1 to 254\), or a name/],
    [{ nonsense: null }, /^expected an option's number \(1 to 254\), or a name/],
    [{ toString: null }, /^expected an option's number \(1 to 254\), or a name/],
    [{ 53: '0x01' }, /^option '53' cannot be set: the server fills it in$/],
    [{ ntp: [] }, /^option 'ntp': expected one or more IPv4 addresses/],
    [{ domain: '' }, /^option 'domain': expected text/],
  ] as const;
  for (const [patch, message] of cases) {
    const patching = () => patchDhcpOptions(present, patch);
    t.throws(patching, { instanceOf: NodesError, code: 'bad-option', message });
  }
});

test('what is no option any more does not stand in the way, and can be taken away', (t) => {
  const broken = { nonsense: 'x', mtu: 'huge' };
  t.deepEqual(patchDhcpOptions(broken, { 252: 'x' }), { 252: 'x', ...broken });
  t.deepEqual(patchDhcpOptions(broken, { nonsense: null, mtu: 9000 }), { mtu: 9000 });
});

test('a node has 64 options at most', (t) => {
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [151 + at, '0x01']));
  t.is(Object.keys(patchDhcpOptions({}, many(64))).length, 64);
  t.throws(() => patchDhcpOptions({}, many(65)), {
    code: 'bad-option',
    message: /^expected at most 64 DHCP options of a node, got 65$/,
  });
});

test('any patch leaves options that a packet can hold, and the database gives back', (t) => {
  const key = fc.constantFrom('mtu', '26', 'ntp', '42', 'routes', 'domain', '43', '150', 'no');
  const value = fc.constantFrom(
    ...[null, 9000, '9000', '10.1.1.1', '0x0104', 'text', ['10.1.1.1', '10.1.1.2']],
    ...['10.9.0.0/16 via 10.1.1.253', ''],
  );
  const patches = fc.array(fc.dictionary(key, value, { maxKeys: 3 }), {
    size: 'max',
    maxLength: 8,
  });
  t.notThrows(() =>
    fc.assert(
      fc.property(patches, (patches) => {
        let options: ReturnType<typeof patchDhcpOptions> = {};
        for (const patch of patches) {
          try {
            options = patchDhcpOptions(options, patch);
          } catch (error) {
            if (!(error instanceof NodesError)) throw error;
          }
        }
        assert.equal(parseOptions(options).size, Object.keys(options).length);
        assert.deepEqual(readStoredOptions(JSON.stringify(options)), options);
      }),
    ),
  );
});
