import type { DhcpClient } from '../../protocol/dhcp/client.ts';
import { ownOptions } from '../../protocol/dhcp/option-text.ts';
import {
  type DhcpOptions,
  dhcpOptions,
  encodeAddress,
  encodeText,
  encodeUint8,
  encodeUint32,
} from '../../protocol/dhcp/options.ts';
import type { DhcpPacket } from '../../protocol/dhcp/packet.ts';
import type { BootFile } from './boot-file.ts';
import { networkOptions } from './network-options.ts';
import { nodeOptions } from './node-options.ts';
import type { Asking } from './types.ts';

export type ReplyContent = {
  /** Option 53; undefined for BOOTP. */
  readonly messageType: number | undefined;
  /** Undefined: no lease comes with it. */
  readonly leaseSeconds: number | undefined;
  readonly bootFile: BootFile | undefined;
};

/**
 * The options of an offer or acknowledgement: what has to be there, then what the client asked for
 * in its order (option 55), or all where it did not ask; the relay agent's last (RFC 3046).
 */
export function replyOptions(asking: Asking, content: ReplyContent): DhcpOptions {
  const { packet, client } = asking;
  const options = new Map<number, Buffer>();
  if (content.messageType !== undefined) {
    options.set(dhcpOptions.messageType, encodeUint8(content.messageType));
    options.set(dhcpOptions.serverId, encodeAddress(asking.settings.address));
  }
  if (content.leaseSeconds !== undefined) {
    options.set(dhcpOptions.leaseSeconds, encodeUint32(content.leaseSeconds));
  }
  mirror(packet, options, [dhcpOptions.clientId, dhcpOptions.clientUuid]);
  const echoed = content.bootFile === undefined ? undefined : echoedClass(client);
  if (echoed !== undefined) options.set(dhcpOptions.vendorClass, encodeText(echoed));
  for (const [code, value] of wantedOptions(asking, content)) {
    if (!options.has(code) && !ownOptions.has(code)) options.set(code, value);
  }
  mirror(packet, options, [dhcpOptions.relayAgent]);
  return options;
}

/**
 * The class that firmware wants back. PXEClient is not among them: it would then ask port 4011 for
 * its boot file.
 */
function echoedClass({ vendorClass = '' }: DhcpClient): string | undefined {
  return ['HTTPClient', 'AAPLBSDPC'].find((name) => vendorClass.startsWith(name));
}

/** The options of these codes as the client, or its relay agent, sent them. */
export function mirror(
  packet: DhcpPacket,
  into: Map<number, Buffer>,
  codes: readonly number[],
): void {
  for (const code of codes) {
    const value = packet.options.get(code);
    if (value !== undefined) into.set(code, value);
  }
}

function wantedOptions(asking: Asking, content: ReplyContent): readonly [number, Buffer][] {
  const available = availableOptions(asking, content);
  const asked = asking.packet.options.get(dhcpOptions.parameterList);
  const codes = asked ?? available.keys().filter((code) => !isBootOption(code));
  // RFC 2132, 3.3: the mask stands before the routers.
  return [dhcpOptions.subnetMask, ...codes].flatMap((code) => {
    const value = available.get(code);
    return value === undefined ? [] : [[code, value] satisfies [number, Buffer]];
  });
}

function availableOptions(asking: Asking, content: ReplyContent): DhcpOptions {
  const { node, network } = asking;
  const available = new Map<number, Buffer>();
  if (node !== undefined) available.set(dhcpOptions.hostName, encodeText(node.name));
  if (content.leaseSeconds !== undefined) {
    const part = (share: number) => encodeUint32(Math.floor((content.leaseSeconds ?? 0) * share));
    available.set(dhcpOptions.renewal, part(0.5));
    available.set(dhcpOptions.rebinding, part(0.875));
  }
  if (content.bootFile !== undefined) {
    available.set(dhcpOptions.tftpServerName, encodeText(content.bootFile.nextServer));
    available.set(dhcpOptions.bootfileName, encodeText(content.bootFile.filename));
  }
  for (const [code, value] of networkOptions(network)) available.set(code, value);
  for (const [code, value] of nodeOptions(node)) available.set(code, value);
  return available;
}

/** The fixed fields have the same; only who asks gets them twice. */
function isBootOption(code: number): boolean {
  return code === dhcpOptions.tftpServerName || code === dhcpOptions.bootfileName;
}
