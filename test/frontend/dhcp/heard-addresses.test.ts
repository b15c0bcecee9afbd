import test from 'ava';
import fc from 'fast-check';
import { createHeardAddresses } from '../../../src/frontend/dhcp/heard-addresses.ts';
import { isLive } from '../../../src/frontend/dhcp/lease.ts';
import { createMacOnWire } from '../../../src/frontend/dhcp/mac-on-wire.ts';
import { dhcpOptions, encodeAddress, messageTypes } from '../../../src/protocol/dhcp/options.ts';
import type { DhcpPacket } from '../../../src/protocol/dhcp/packet.ts';
import { client, machine } from './clients.ts';

const other = '10.1.1.254';

function hear(wire: ReadonlyMap<string, string> = new Map()) {
  const state = { nowMs: 1_000_000, reads: 0 };
  const readWire = () => {
    state.reads += 1;
    return wire;
  };
  const nowMs = () => state.nowMs;
  const heard = createHeardAddresses({ nowMs, macOnWire: createMacOnWire({ nowMs, readWire }) });
  const macAt = (address: string) => {
    const lease = heard.at(address);
    return isLive(lease, state.nowMs) ? lease.mac : undefined;
  };
  return { ...heard, macAt, state };
}

type Values = Partial<DhcpPacket> & { readonly server?: string; readonly requested?: string };

function request({ server, requested, ...values }: Values): DhcpPacket {
  const asked = client('PXE of OVMF');
  const options = new Map(asked.options).set(
    dhcpOptions.messageType,
    Buffer.from([messageTypes.request]),
  );
  if (server !== undefined) options.set(dhcpOptions.serverId, encodeAddress(server));
  if (requested !== undefined) options.set(dhcpOptions.requestedAddress, encodeAddress(requested));
  return { ...asked, options, ...values };
}

test('who takes another server’s offer is known at that address', (t) => {
  const { note, macAt, state } = hear();
  note(client('PXE of OVMF'));
  t.is(macAt('10.1.0.7'), undefined);
  note(request({ server: other, requested: '10.1.0.7' }));
  t.is(macAt('10.1.0.7'), machine.mac);
  state.nowMs += 3_600_001;
  t.is(macAt('10.1.0.7'), undefined, 'not for ever');
});

test('so is who renews by broadcast, or asks port 4011', (t) => {
  const { note, macAt } = hear();
  note(request({ ciaddr: '10.1.0.8' }));
  t.is(macAt('10.1.0.8'), machine.mac);
});

test('who asks for its old address has not got it yet, and an answer says nothing', (t) => {
  const { note, macAt } = hear();
  note(request({ requested: '10.1.0.9' }));
  note(request({ op: 'reply', server: other, requested: '10.1.0.9' }));
  note(request({ mac: 'ff:ff:ff:ff:ff:ff', server: other, requested: '10.1.0.9' }));
  t.is(macAt('10.1.0.9'), undefined);
});

test('the last one that took an address has it', (t) => {
  const { note, macAt } = hear();
  const mac = '52:54:00:00:00:77';
  note(request({ server: other, requested: '10.1.0.7' }));
  note(request({ mac, server: other, requested: '10.1.0.7' }));
  t.is(macAt('10.1.0.7'), mac);
});

test('who was not heard is known by the wire, which is not read for every question', (t) => {
  const { note, macAt, state } = hear(new Map([['10.1.0.5', '52:54:00:00:00:05']]));
  note(request({ server: other, requested: '10.1.0.7' }));
  for (let turn = 0; turn < 10; turn += 1) {
    t.is(macAt('10.1.0.7'), machine.mac);
    t.is(macAt('10.1.0.5'), '52:54:00:00:00:05');
    t.is(macAt('10.1.0.6'), undefined);
  }
  t.is(state.reads, 1);
  state.nowMs += 1_000;
  t.is(macAt('10.1.0.6'), undefined);
  t.is(state.reads, 2);
});

test('however many addresses are named, the oldest are forgotten', (t) => {
  const { note, macAt } = hear();
  const addressOf = (at: number) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`;
  for (let at = 0; at <= 65_536; at += 1) note(request({ ciaddr: addressOf(at + 1) }));
  t.is(macAt(addressOf(1)), undefined);
  t.is(macAt(addressOf(2)), machine.mac);
});

test('any packet is heard without harm', (t) => {
  const value = fc.uint8Array({ maxLength: 8, size: 'max' }).map((bytes) => Buffer.from(bytes));
  const options = fc.dictionary(fc.constantFrom('50', '53', '54', '61'), value);
  t.notThrows(() =>
    fc.assert(
      fc.property(options, fc.ipV4(), (all, ciaddr) => {
        const { note, at } = hear();
        const entries = Object.entries(all).map(([code, bytes]) => [Number(code), bytes] as const);
        note({ ...client('PXE of OVMF'), ciaddr, options: new Map(entries) });
        at(ciaddr);
      }),
    ),
  );
});
