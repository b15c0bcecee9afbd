import { dhcpOptions, encodeText, encodeUint16 } from '../../../src/protocol/dhcp/options.ts';
import { type DhcpPacket, decodeDhcp } from '../../../src/protocol/dhcp/packet.ts';
import { clientPackets } from '../../protocol/dhcp/client-packets.ts';
import { packet } from './fixture.ts';

/** Of all packets here, and where the REQUEST among them says that it is. */
export const machine = { mac: '52:54:00:12:34:56', address: '10.1.255.254' };

function firmware(architecture: number): DhcpPacket {
  const text = `PXEClient:Arch:${String(architecture).padStart(5, '0')}:UNDI:003000`;
  return packet({
    type: 'discover',
    mac: machine.mac,
    options: [
      [dhcpOptions.vendorClass, encodeText(text)],
      [dhcpOptions.clientArchitecture, encodeUint16(architecture)],
      [dhcpOptions.parameterList, Buffer.from([1, 3, 66, 67])],
    ],
  });
}

function system(type: 'discover' | 'request', asked: readonly number[]): DhcpPacket {
  const ciaddr = type === 'request' ? machine.address : '0.0.0.0';
  const options = [[dhcpOptions.parameterList, Buffer.from(asked)] as const];
  return packet({ type, ciaddr, mac: machine.mac, options });
}

/** Packets of real clients by their names. */
export const clients: ReadonlyMap<string, DhcpPacket> = new Map([
  ...clientPackets.map(({ name, bytes }) => [name, decodeDhcp(bytes)] as const),
  ['PXE of a BIOS', firmware(0)],
  ['PXE of ia32 UEFI', firmware(6)],
  ['PXE of x64 UEFI (9)', firmware(9)],
  ['PXE of arm64 UEFI', firmware(11)],
  ['MacOS X', system('discover', [1, 3, 6, 15, 112, 113, 78, 79, 95])],
  ["today's MacOS", system('request', [1, 121, 3, 6, 15, 108, 114, 119, 252, 95, 44, 46])],
]);

export function client(name: string): DhcpPacket {
  const found = clients.get(name);
  if (found === undefined) throw new Error(`expected a client of the table, got ${name}`);
  return found;
}
