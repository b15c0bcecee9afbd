import { describeClient } from '../../protocol/dhcp/client.ts';
import { messageTypes } from '../../protocol/dhcp/options.ts';
import type { DhcpPacket } from '../../protocol/dhcp/packet.ts';
import { isInstalledMacos } from '../dhcp/client-kind.ts';
import { messageTypeOf } from '../dhcp/decide.ts';
import { holderOf } from '../dhcp/holder.ts';
import { chooseNetwork } from '../dhcp/network.ts';
import type { DhcpSettings } from '../dhcp/types.ts';
import { parseMac } from '../nodes/names.ts';
import type { UnknownMachine } from './types.ts';

/** What boards say to which nobody gave a UUID of their own. */
const sharedUuids: ReadonlySet<string> = new Set([
  '03000200-0400-0500-0006-000700080009',
  '00020003-0004-0005-0006-000700080009',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  'fefefefe-fefe-fefe-fefe-fefefefefefe',
]);

const none = '0.0.0.0';

/** The machine that asks for an address; undefined for any other packet. */
export function readMachine(
  packet: DhcpPacket,
  settings: DhcpSettings,
): UnknownMachine | undefined {
  const type = messageTypeOf(packet);
  const isAsking = type === messageTypes.discover || type === 'bootp';
  const holder = holderOf(packet);
  const isMac = parseMac(packet.mac) !== undefined;
  if (packet.op !== 'request' || !isAsking || !isMac || holder === undefined) return undefined;
  const client = describeClient(packet);
  const network = chooseNetwork(packet, settings, none);
  if (network.kind === 'none' || isInstalledMacos(packet, client)) return undefined;
  const { uuid } = client;
  return {
    mac: packet.mac,
    uuid: uuid === undefined || sharedUuids.has(uuid) ? undefined : uuid,
    client,
    holder,
    network: network.network,
    isRelayed: packet.giaddr !== none,
  };
}
