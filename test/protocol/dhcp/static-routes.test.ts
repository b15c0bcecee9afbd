import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { formatAddress } from '../../../src/protocol/dhcp/address.ts';
import { encodeStaticRoutes, readStaticRoutes } from '../../../src/protocol/dhcp/static-routes.ts';

const option = (bytes: Buffer) => new Map([[121, bytes]]);
const route = fc
  .tuple(fc.nat(0xffff_ffff), fc.nat(32), fc.nat(0xffff_ffff))
  .map(([bits, prefixLength, router]) => ({
    network: formatAddress(bits - (bits % 2 ** (32 - prefixLength))),
    prefixLength,
    router: formatAddress(router),
  }));

test('routes come back as they were', (t) => {
  const property = fc.property(fc.array(route, { minLength: 1, maxLength: 20 }), (routes) => {
    assert.deepEqual(readStaticRoutes(option(encodeStaticRoutes(routes))), routes);
  });
  t.notThrows(() => fc.assert(property));
});

test('any bytes are routes or undefined', (t) => {
  const property = fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    readStaticRoutes(option(Buffer.from(bytes)));
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('routes stand on the wire as RFC 3442 shows them', (t) => {
  const router = '10.1.1.254';
  const hex = (network: string, prefixLength: number) =>
    encodeStaticRoutes([{ network, prefixLength, router }]).toString('hex');
  t.is(hex('0.0.0.0', 0), '000a0101fe');
  t.is(hex('10.0.0.0', 8), '080a0a0101fe');
  t.is(hex('10.17.0.0', 16), '100a110a0101fe');
  t.is(hex('10.27.129.0', 24), '180a1b810a0101fe');
  t.is(hex('10.229.0.128', 25), '190ae500800a0101fe');
  t.is(hex('10.198.122.47', 32), '200ac67a2f0a0101fe');
});

test('a prefix over 32 or a route that is cut off is none', (t) => {
  for (const hex of ['210a0a0a0a0a0a0101fe', '080a0a0101', '08', '']) {
    t.is(readStaticRoutes(option(Buffer.from(hex, 'hex'))), undefined, hex);
  }
  t.is(readStaticRoutes(new Map()), undefined);
});
