import test from 'ava';
import { decideProxyDhcp } from '../../../src/frontend/dhcp/proxy-dhcp.ts';
import { dhcpOptions, messageTypes } from '../../../src/protocol/dhcp/options.ts';
import type { DhcpPacket } from '../../../src/protocol/dhcp/packet.ts';
import { client, clients, machine } from './clients.ts';
import { frontend, ignoreOf, node, none, packet, replyOf, server, typeOf } from './fixture.ts';

const known = node({ macs: [machine.mac], address: machine.address });
const proxy = (asked: DhcpPacket, port: 67 | 4011, nodes = [known]) =>
  decideProxyDhcp(asked, port, frontend(nodes).situation());

function request(name: string, values: Partial<DhcpPacket> = {}): DhcpPacket {
  const asked = client(name);
  const options = new Map(asked.options).set(
    dhcpOptions.messageType,
    Buffer.from([messageTypes.request]),
  );
  return { ...asked, ciaddr: machine.address, ...values, options };
}

test('on 67 firmware is offered a boot file and no address', (t) => {
  const reply = replyOf(proxy(client('PXE of OVMF'), 67));
  const { yiaddr, ciaddr, siaddr, file, options } = reply.packet;
  t.deepEqual(
    { yiaddr, ciaddr, siaddr, file, to: reply.to },
    {
      yiaddr: none,
      ciaddr: none,
      siaddr: server,
      file: 'shimx64.efi',
      to: 'broadcast',
    },
  );
  t.is(typeOf(reply), messageTypes.offer);
  t.is(options.get(60)?.toString(), 'PXEClient');
  t.is(options.get(43)?.toString('hex'), '060108ff');
  t.deepEqual(options.get(97), client('PXE of OVMF').options.get(97));
  t.false(options.has(dhcpOptions.leaseSeconds) || options.has(dhcpOptions.subnetMask));
  t.is(reply.lease, undefined);
});

test('on 4011 it is acknowledged, at the address that the other server gave it', (t) => {
  const reply = replyOf(proxy(request('PXE of OVMF'), 4011));
  t.deepEqual([typeOf(reply), reply.to], [messageTypes.ack, 'unicast-to-ciaddr']);
  t.deepEqual([reply.packet.ciaddr, reply.packet.yiaddr], [machine.address, none]);
  t.is(reply.packet.file, 'shimx64.efi');
});

test('HTTP boot and iPXE get their URLs', (t) => {
  const http = replyOf(proxy(client('HTTP boot of OVMF'), 67)).packet;
  t.deepEqual(
    [http.file, http.options.get(60)?.toString()],
    ['http://10.1.1.1/boot/snponly.efi', 'HTTPClient'],
  );
  const ipxe = replyOf(proxy(client('iPXE in an EFI ROM'), 67)).packet;
  t.is(ipxe.file, 'http://10.1.1.1/boot/boot.ipxe');
});

test('on 4011 no address outside the networks is answered', (t) => {
  for (const ciaddr of [none, '192.168.9.9', '10.1.255.255']) {
    t.is(proxy(request('PXE of OVMF', { ciaddr }), 4011).kind, 'ignore');
  }
});

test("the other server's business is left to it", (t) => {
  t.is(ignoreOf(proxy(request('PXE of OVMF'), 67)).reason, 'unknown-message');
  t.is(ignoreOf(proxy(client('PXE of OVMF'), 4011)).reason, 'unknown-message');
  t.is(ignoreOf(proxy(packet({ type: 'release' }), 67)).reason, 'unknown-message');
});

test('only firmware that boots from the network is answered', (t) => {
  for (const [name, asked] of clients) {
    const isFirmware = /^(?:PXE|HTTPC)/.test(asked.options.get(60)?.toString() ?? '');
    t.is(proxy(asked, 67).kind, isFirmware ? 'reply' : 'ignore', name);
  }
});

test('unknown machines, switches and classes that are not permitted hear nothing', (t) => {
  const asked = client('PXE of OVMF');
  t.is(ignoreOf(proxy(asked, 67, [])).reason, 'no-boot-file');
  t.is(ignoreOf(proxy(asked, 67, [{ ...known, role: 'switch' }])).reason, 'no-boot-file');
  const other = { ...known, clientClasses: ['installer'] };
  t.is(ignoreOf(proxy(asked, 67, [other])).reason, 'class-not-permitted');
});
