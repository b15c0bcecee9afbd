import {
  dhcpOptions,
  encodeAddress,
  encodeText,
  encodeUint8,
  messageTypes,
  replyLimitBytes,
} from '../../protocol/dhcp/options.ts';
import type { DhcpPacket } from '../../protocol/dhcp/packet.ts';
import { type BootFile, chooseBootFile } from './boot-file.ts';
import type { Lease } from './lease.ts';
import { mirror, replyOptions } from './reply-options.ts';
import type { Asking, Destination, DhcpEvent, Ignore, IgnoreReason, Reply } from './types.ts';

const none = '0.0.0.0';
const ethernet = 1;

export type Answer = {
  readonly event: 'offer' | 'ack' | 'inform' | 'bootp';
  /** Empty (`0.0.0.0`) where the client has its address already. */
  readonly yiaddr: string;
  readonly ciaddr: string;
  readonly leaseSeconds: number | undefined;
  readonly lease: Lease | undefined;
};

const answerTypes = {
  offer: messageTypes.offer,
  ack: messageTypes.ack,
  inform: messageTypes.ack,
  bootp: undefined,
} as const;

/** An offer or an acknowledgement, with what the client asked for (RFC 2131, table 3). */
export function renderAnswer(asking: Asking, answer: Answer): Reply {
  const { client, node, settings } = asking;
  const { event, yiaddr, ciaddr, leaseSeconds } = answer;
  const bootFile = asking.boots ? chooseBootFile(client, node, settings) : undefined;
  const messageType = answerTypes[event];
  const packet: DhcpPacket = {
    ...replyTo(asking.packet),
    ciaddr,
    yiaddr,
    siaddr: bootFile?.nextServer ?? none,
    file: bootFile?.filename ?? '',
    options: replyOptions(asking, { messageType, leaseSeconds, bootFile }),
  };
  const address = yiaddr === none ? ciaddr : yiaddr;
  const text = `${address}${bootFile === undefined ? '' : `, ${describeBootFile(bootFile)}`}`;
  return {
    kind: 'reply',
    packet,
    to: event === 'inform' ? 'unicast-to-ciaddr' : destinationOf(packet),
    maximumBytes: replyLimitBytes(asking.packet.options),
    lease: answer.lease,
    event: { ...eventOf(asking, event, text), address, filename: bootFile?.filename },
  };
}

/** A refusal of the address that the client goes on with; it starts anew (RFC 2131, 4.3.2). */
export function renderNak(asking: Asking, address: string, text: string): Reply {
  const { packet, settings } = asking;
  const options = new Map([
    [dhcpOptions.messageType, encodeUint8(messageTypes.nak)],
    [dhcpOptions.serverId, encodeAddress(settings.address)],
    [dhcpOptions.message, encodeText(text)],
  ] satisfies [number, Buffer][]);
  mirror(packet, options, [dhcpOptions.clientId, dhcpOptions.relayAgent]);
  const isRelayed = packet.giaddr !== none;
  return {
    kind: 'reply',
    // The relay agent cannot reach the client at an address that is wrong (4.3.2).
    packet: { ...replyTo(packet), broadcast: packet.broadcast || isRelayed, options },
    to: isRelayed ? 'relay' : 'broadcast',
    maximumBytes: replyLimitBytes(packet.options),
    lease: undefined,
    event: { ...eventOf(asking, 'nak', text), address },
  };
}

/** Silence, with a reason for the machine's story. */
export function ignore(
  subject: { readonly packet: DhcpPacket; readonly node?: Asking['node'] },
  refusal: {
    readonly reason: IgnoreReason;
    readonly text: string;
    readonly lease?: Lease | undefined;
  },
  event: DhcpEvent['event'] | 'nothing' = 'ignored',
): Ignore {
  const { reason, text, lease } = refusal;
  const told = event === 'nothing' ? undefined : { ...eventOf(subject, event, text), reason };
  return { kind: 'ignore', reason, text, lease, event: told };
}

export function eventOf(
  { packet, node }: { readonly packet: DhcpPacket; readonly node?: Asking['node'] },
  event: DhcpEvent['event'],
  text: string,
): DhcpEvent {
  const nothing = { address: undefined, filename: undefined, reason: undefined };
  return { event, node: node?.name, mac: packet.mac, text, ...nothing };
}

/** What every reply copies from its request; the rest is empty. */
export function replyTo(request: DhcpPacket): DhcpPacket {
  const { hardwareType, xid, broadcast, giaddr, mac } = request;
  const copied = { hardwareType, xid, broadcast, giaddr, mac };
  const empty = { ciaddr: none, yiaddr: none, siaddr: none, sname: '', file: '' };
  return { op: 'reply', hops: 0, secs: 0, ...copied, ...empty, options: new Map() };
}

/** RFC 2131, 4.1. A frame to an address without ARP needs an Ethernet address. */
export function destinationOf(reply: DhcpPacket): Destination {
  if (reply.giaddr !== none) return 'relay';
  if (reply.ciaddr !== none) return 'unicast-to-ciaddr';
  const canBeReached = reply.yiaddr !== none && isEthernetAddress(reply);
  return reply.broadcast || !canBeReached ? 'broadcast' : 'unicast-to-yiaddr';
}

export function describeBootFile({ filename, nextServer }: BootFile): string {
  return filename.includes('://') ? filename : `${filename} from ${nextServer}`;
}

function isEthernetAddress({ hardwareType, mac }: DhcpPacket): boolean {
  return hardwareType === ethernet && mac.length === 17 && !/^[0:]+$/.test(mac);
}
