import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { nodeOptions } from '../../../src/frontend/dhcp/node-options.ts';
import { readStoredOptions } from '../../../src/frontend/nodes/dhcp-options.ts';
import { messageTypes } from '../../../src/protocol/dhcp/options.ts';
import { decodeDhcp, encodeDhcp } from '../../../src/protocol/dhcp/packet.ts';
import { frontend, node, packet, replyOf, typeOf } from './fixture.ts';

test("a node's options are encoded once, and anew when it has changed", (t) => {
  const own = node({ dhcpOptions: { mtu: 9000 } });
  const options = nodeOptions(own);
  t.deepEqual([...options], [[26, Buffer.from([0x23, 0x28])]]);
  t.is(nodeOptions(own), options);
  const changed = { ...own, dhcpOptions: { mtu: 1500 } };
  t.deepEqual([...nodeOptions(changed)], [[26, Buffer.from([0x05, 0xdc])]]);
  t.is(nodeOptions(undefined).size, 0);
});

test('what cannot be an option is left out, and the others are told', (t) => {
  const dhcpOptions = { mtu: 'huge', nonsense: 'x', 53: '0x01', lease: 7, 300: 'x', 26: 9000 };
  const own = node({ dhcpOptions });
  t.deepEqual([...nodeOptions(own).keys()], [26]);
  const { packet: offer } = replyOf(frontend([own]).decide({ type: 'discover' }));
  t.is(offer.options.get(26)?.readUInt16BE(), 9000);
  t.is(offer.options.get(53)?.readUInt8(), messageTypes.offer);
});

test('no text in the database keeps a node from an answer that its client can read', (t) => {
  const key = fc.oneof(
    fc.constantFrom('mtu', 'ntp', 'routes', 'domain', '43', '150', '252', '1', '3', '53', '82'),
    fc.string(),
  );
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('10.1.1.1', '0x0104', '10.9.0.0/16 via 10.1.1.253', `0x${'00'.repeat(1024)}`),
  );
  const entries = fc.dictionary(key, value, { size: 'max', maxKeys: 40 });
  const stored = fc.oneof(
    entries.map((each) => JSON.stringify(each)),
    fc.string(),
    fc.json(),
  );
  t.notThrows(() =>
    fc.assert(
      fc.property(stored, (text) => {
        const own = node({ dhcpOptions: readStoredOptions(text) });
        const reply = replyOf(frontend([own]).decide(packet({ type: 'discover' })));
        assert.equal(typeOf(reply), messageTypes.offer);
        const bytes = encodeDhcp(reply.packet, reply.maximumBytes);
        assert.ok(bytes.length <= reply.maximumBytes);
        const read = decodeDhcp(bytes);
        assert.equal(read.yiaddr, '10.1.0.5');
        assert.equal(read.options.get(53)?.readUInt8(), messageTypes.offer);
        assert.ok(read.options.has(51) && read.options.has(54));
      }),
      { numRuns: 300 },
    ),
  );
});
