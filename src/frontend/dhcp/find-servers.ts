import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  dhcpOptions,
  encodeUint8,
  messageTypes,
  readAddress,
  readUint8,
} from '../../protocol/dhcp/options.ts';
import { type DhcpPacket, decodeDhcp, encodeDhcp } from '../../protocol/dhcp/packet.ts';
import { type InterfaceSocket, openInterfaceSocket } from '../../runtime/interface-socket.ts';

/** A DHCP server that answered. */
export type FoundServer = {
  /** What it calls itself (option 54), and takes REQUESTs by. */
  readonly server: string;
  /** The address that it offered. */
  readonly offered: string;
};

export type FindServersConfig = {
  readonly interfaceName: string;
  /** The frontend's own: it is not among those that are found. */
  readonly ownAddress: string;
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
};

/** dnsmasq pings for 3 s before it offers an address that it has not given to anybody yet. */
const usualWaitMs = 5_000;
const againMs = 1_000;
const serversLimit = 16;
const none = '0.0.0.0';

/** Nobody's: made up here, as its second digit says (IEEE 802c), with 'Scree' behind it. */
export const questionMac = '02:53:63:72:65:65';

/**
 * Asks for an address on the interface, as a machine would that does not exist, and takes none. It
 * listens on port 68, because a server may well serve other addresses than this network's and then
 * does not answer a relay agent; DHCP clients share that port. Needs root. Rejects with LibcError.
 */
export async function findDhcpServers(config: FindServersConfig): Promise<readonly FoundServer[]> {
  const { interfaceName, ownAddress, waitMs = usualWaitMs, signal } = config;
  const at = await openInterfaceSocket({ interfaceName, port: 68, isShared: true });
  const xid = randomInt(2 ** 32);
  const found = new Map<string, FoundServer>();
  // Such as an interface that goes down: then nobody answers.
  at.socket.on('error', () => {});
  at.socket.on('message', (bytes) => {
    const offer = readOffer(bytes, xid);
    if (offer === undefined || offer.server === ownAddress || found.size >= serversLimit) return;
    if (!found.has(offer.server)) found.set(offer.server, offer);
  });
  try {
    const question = encodeDhcp(questionFor(xid));
    await broadcast(at, question);
    await delay(Math.min(againMs, waitMs), undefined, { signal });
    await broadcast(at, question);
    await delay(Math.max(0, waitMs - againMs), undefined, { signal });
  } finally {
    await at.close();
  }
  return [...found.values()];
}

function questionFor(xid: number): DhcpPacket {
  const addresses = { ciaddr: none, yiaddr: none, siaddr: none, giaddr: none };
  return {
    ...{ op: 'request', hardwareType: 1, hops: 0, xid, secs: 0, broadcast: true, ...addresses },
    ...{ mac: questionMac, sname: '', file: '' },
    options: new Map([
      [dhcpOptions.messageType, encodeUint8(messageTypes.discover)],
      [dhcpOptions.parameterList, Buffer.from([dhcpOptions.subnetMask, dhcpOptions.router])],
    ]),
  };
}

/** Undefined for what is no OFFER to this question. */
export function readOffer(bytes: Buffer, xid: number): FoundServer | undefined {
  const packet = decodeIfDhcp(bytes);
  if (packet?.op !== 'reply' || packet.xid !== xid || packet.mac !== questionMac) return undefined;
  if (readUint8(packet.options, dhcpOptions.messageType) !== messageTypes.offer) return undefined;
  const server = readAddress(packet.options, dhcpOptions.serverId);
  // Without an address it is a proxy's: boot files only.
  if (server === undefined || packet.yiaddr === none) return undefined;
  return { server, offered: packet.yiaddr };
}

function decodeIfDhcp(bytes: Buffer): DhcpPacket | undefined {
  try {
    return decodeDhcp(bytes);
  } catch {
    return undefined;
  }
}

function broadcast({ socket }: InterfaceSocket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(bytes, 67, '255.255.255.255', (error) => (error ? reject(error) : resolve()));
  });
}
