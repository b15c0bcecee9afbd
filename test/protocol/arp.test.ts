import test from 'ava';
import fc from 'fast-check';
import { encodeArpRequest, readArpSender } from '../../src/protocol/arp.ts';
import { formatAddress, formatMac } from '../../src/protocol/dhcp/address.ts';

const mac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((all) => formatMac(Buffer.from(all)));
const address = fc.nat(0xffff_ffff).map(formatAddress);

test('a request is as RFC 826 has it', (t) => {
  const bytes = encodeArpRequest({ address: '10.1.1.1', mac: '52:54:00:12:34:56' }, '10.1.200.7');
  const fixed = '0001080006040001';
  t.is(bytes.toString('hex'), `${fixed}5254001234560a010101${'00'.repeat(6)}0a01c807`);
});

test('who sent a packet is who it says', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(mac, address, address, (ownMac, own, target) => {
        const sender = readArpSender(encodeArpRequest({ mac: ownMac, address: own }, target));
        return sender?.mac === ownMac && sender.address === own;
      }),
    ),
  );
});

test('an answer tells its sender, too, and padding does no harm', (t) => {
  const bytes = encodeArpRequest({ address: '10.1.1.1', mac: '52:54:00:12:34:56' }, '10.1.200.7');
  bytes.writeUInt16BE(2, 6);
  const padded = Buffer.concat([bytes, Buffer.alloc(18)]);
  t.deepEqual(readArpSender(padded), { address: '10.1.1.1', mac: '52:54:00:12:34:56' });
});

test('any other bytes are nobody’s', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80, size: 'max' }), (all) => {
        const bytes = Buffer.from(all);
        const isArp = bytes.toString('hex', 0, 7) === '00010800060400';
        return isArp || readArpSender(bytes) === undefined;
      }),
    ),
  );
  const bytes = encodeArpRequest({ address: '10.1.1.1', mac: '52:54:00:12:34:56' }, '10.1.200.7');
  for (const [at, value] of [
    ...[[1, 6] as const, [2, 0x86] as const, [4, 8] as const, [5, 16] as const],
    ...[[7, 3] as const, [6, 1] as const],
  ]) {
    const changed = Buffer.from(bytes);
    changed[at] = value;
    t.is(readArpSender(changed), undefined, `byte ${at}`);
  }
});
