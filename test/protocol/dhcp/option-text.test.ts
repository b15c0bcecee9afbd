import test from 'ava';
import fc from 'fast-check';
import { parseOption, parseOptions } from '../../../src/protocol/dhcp/option-text.ts';
import { DhcpError } from '../../../src/protocol/dhcp/packet.ts';

const hexOf = (key: string, value: unknown) => {
  const { code, bytes } = parseOption(key, value);
  return `${code} ${bytes.toString('hex')}`;
};

const written: readonly (readonly [string, unknown, string])[] = [
  ['router', '10.1.1.1', '3 0a010101'],
  ['3', '10.1.1.1', '3 0a010101'],
  ['ntp', ['10.1.1.1', '10.1.1.2'], '42 0a0101010a010102'],
  ['dns', '10.1.1.1, 10.1.1.2', '6 0a0101010a010102'],
  ['domain-name-servers', '10.1.1.1', '6 0a010101'],
  ['subnetMask', '255.255.0.0', '1 ffff0000'],
  ['26', 9000, '26 2328'],
  ['mtu', '9000', '26 2328'],
  ['43', '0x010403', '43 010403'],
  ['43', '0x01:04:ff', '43 0104ff'],
  ['router', '0x0a010101', '3 0a010101'],
  ['host-name', 'compute-0-0', '12 636f6d707574652d302d30'],
  ['domain', 'rack.example', '15 7261636b2e6578616d706c65'],
  ['time-offset', -3600, '2 fffff1f0'],
  ['19', false, '19 00'],
  ['23', 64, '23 40'],
  ['domain-search', ['a.example', 'b.'], '119 0161076578616d706c6500016200'],
  ['static-routes', '10.2.0.0/16 via 10.1.1.254', '121 100a020a0101fe'],
  ['static-routes', ['default 10.1.1.1', '10.2.0.0/16 10.1.1.2'], '121 000a010101100a020a010102'],
  ['routes', '0.0.0.0/0 via 10.1.1.1, 10.2.0.0/16 via 10.1.1.2', '121 000a010101100a020a010102'],
  ['161', 'some text', '161 736f6d652074657874'],
  ['161', '10.1.1.1', '161 0a010101'],
  ['161', ['10.1.1.1', '10.1.1.2'], '161 0a0101010a010102'],
  ['161', 'grün', '161 6772c3bc6e'],
  ['vendor-class', 'HTTPClient', '60 48545450436c69656e74'],
];

test('options are taken as people write them, by number or name', (t) => {
  for (const [key, value, expected] of written) {
    t.is(hexOf(key, value), expected, `${key}: ${value}`);
  }
});

const refused: readonly (readonly [string, unknown, RegExp])[] = [
  ['roter', '10.1.1.1', /a name such as router, dns or ntp, got 'roter'/],
  ['0', 'x', /number \(1 to 254\)/],
  ['255', 'x', /number \(1 to 254\)/],
  ['-1', 'x', /number \(1 to 254\)/],
  ['__proto__', 'x', /number \(1 to 254\)/],
  ['53', 2, /option '53' cannot be set: the server fills it in/],
  ['relay-agent', '0x00', /cannot be set/],
  ['router', '10.1.1', /option 'router': expected one or more IPv4 addresses.*got "10.1.1"/],
  ['router', '', /got ""/],
  ['router', [], /got \[\]/],
  ['router', null, /got nothing/],
  ['router', { a: 1 }, /got a mapping or list/],
  ['router', ['10.1.1.1', 7], /got \["10.1.1.1", 7\]/],
  ['subnet-mask', ['255.0.0.0', '255.0.0.0'], /expected an IPv4 address/],
  ['mtu', 70_000, /a whole number from 0 to 65535, got 70000/],
  ['mtu', 1.5, /got 1.5/],
  ['mtu', [[1500]], /got \[a mapping or list\]/],
  ['mtu', '1500 bytes', /got "1500 bytes"/],
  ['43', 0x0104, /bytes in hex and in quotes, such as "0x0104", got 260/],
  ['43', '0x010', /got "0x010"/],
  ['43', '0x', /got "0x"/],
  ['43', 'text', /bytes in hex/],
  ['161', 5, /text, IPv4 addresses, or bytes in hex/],
  ['161', 'two\nlines', /got "two\\nlines"/],
  ['host-name', 12, /text, in quotes if it is a number, got 12/],
  ['19', 'maybe', /true or false/],
  ['domain-search', 'a..b', /domain names/],
  ['domain-search', `${'a'.repeat(64)}.example`, /domain names/],
  ['static-routes', '10.2.1.0/16 via 10.1.1.254', /one or more routes/],
  ['static-routes', '10.2.0.0/33 via 10.1.1.254', /one or more routes/],
  ['static-routes', '10.2.0.0/16', /one or more routes/],
  ['161', 'x'.repeat(1025), /at most 1024 bytes, got 1025/],
];

test('what is no option is refused, and the message says what was expected', (t) => {
  for (const [key, value, message] of refused) {
    const error = t.throws(() => parseOption(key, value), { instanceOf: DhcpError, message });
    t.is(error?.code, 'bad-option', key);
  }
});

test('any value is an option or fails with the one error', (t) => {
  const key = fc.oneof(
    fc.integer({ min: 1, max: 254 }).map(String),
    fc.constantFrom('router', 'mtu', 'domain-search', 'static-routes', 'domain'),
  );
  const property = fc.property(key, fc.anything(), (name, value) => {
    try {
      return parseOption(name, value).bytes.length > 0;
    } catch (error) {
      return error instanceof DhcpError && error.code === 'bad-option';
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
});

test('the options of a mapping keep their order', (t) => {
  const options = parseOptions({ mtu: 9000, router: '10.1.1.1' });
  t.deepEqual(
    [...options],
    [
      [26, Buffer.from([0x23, 0x28])],
      [3, Buffer.from([10, 1, 1, 1])],
    ],
  );
});

test('an option that is there twice, once by name, is refused', (t) => {
  const settings = { router: '10.1.1.1', '3': '10.1.1.2' };
  t.throws(() => parseOptions(settings), { instanceOf: DhcpError, message: /option 3 once/ });
});
