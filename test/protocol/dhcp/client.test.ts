import test from 'ava';
import { describeClient } from '../../../src/protocol/dhcp/client.ts';
import { decodeDhcp } from '../../../src/protocol/dhcp/packet.ts';
import { clientPackets, rawOption, rawPacket } from './client-packets.ts';

const describe = (...options: readonly Buffer[]) =>
  describeClient(decodeDhcp(rawPacket({ options: Buffer.concat(options) })));

for (const { name, bytes, client } of clientPackets) {
  test(`${name} is known as ${client.kind}`, (t) => {
    t.deepEqual(describeClient(decodeDhcp(bytes)), client);
  });
}

test('a user class is read with and without the lengths of RFC 3004', (t) => {
  t.is(describe(rawOption(77, 'iPXE')).userClass, 'iPXE');
  t.is(describe(rawOption(77, '\x04iPXE')).userClass, 'iPXE');
  t.is(describe(rawOption(77, '\x04iPXE')).kind, 'ipxe');
  t.is(describe(rawOption(77, '\x04rack\x04iPXE')).userClass, 'rack,iPXE');
  t.is(describe(rawOption(77, '\x04rack\x04iPXE')).kind, 'ipxe');
  t.is(describe(rawOption(77, '\x00\x04iPXE')).kind, 'bootp');
  t.is(describe(rawOption(77, '')).userClass, undefined);
});

test('a UUID of zeros or ones, of another type or length, is none', (t) => {
  for (const hex of [
    '00'.repeat(17),
    `00${'ff'.repeat(16)}`,
    `01${'12'.repeat(16)}`,
    `00${'12'.repeat(15)}`,
    '',
  ]) {
    t.is(describe(rawOption(97, Buffer.from(hex, 'hex'))).uuid, undefined, hex);
  }
});

test('of several architectures the first counts; half a one is none', (t) => {
  t.is(describe(rawOption(93, [0, 7, 0, 9])).architecture, 7);
  t.is(describe(rawOption(93, [7])).architecture, undefined);
  t.is(describe(rawOption(93, [])).architecture, undefined);
});

test('what a client says of itself can be shown on a terminal', (t) => {
  t.is(describe(rawOption(60, 'evil\x1b[2J\x00class\x00')).vendorClass, 'evil?[2J?class');
  const long = [rawOption(60, 'a'.repeat(255)), rawOption(60, 'b'.repeat(255))];
  t.is(describe(...long).vendorClass, 'a'.repeat(255));
});

test('one who asks for the architecture but names its class is not Open Firmware', (t) => {
  const asksForIt = rawOption(55, [1, 3, 93]);
  t.is(describe(rawOption(53, [1]), asksForIt).kind, 'open-firmware');
  t.is(describe(rawOption(53, [1]), asksForIt, rawOption(60, 'MSFT 5.0')).kind, 'other');
});
