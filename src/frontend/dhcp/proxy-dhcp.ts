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
import { answerIfHeard, messageTypeOf, readAsker } from './decide.ts';
import { isInNetwork } from './network.ts';
import { describeBootFile, eventOf, ignore, replyTo } from './reply.ts';
import { mirror } from './reply-options.ts';
import type { Asking, Decision, Situation } from './types.ts';

const none = '0.0.0.0';

/** PXE_DISCOVERY_CONTROL, bit 3: take the boot file of this packet, ask nobody else. */
const discoveryControl = Buffer.from([6, 1, 8, 255]);

/**
 * What a proxyDHCP server (PXE 2.1, 2.2) adds to another server's addresses, on port 67 for a
 * DISCOVER and on 4011 for a REQUEST; it has no leases and gives no address.
 */
export function decideProxyDhcp(
  packet: DhcpPacket,
  port: 67 | 4011,
  situation: Situation,
): Decision {
  const asker = readAsker(packet, situation);
  if ('kind' in asker) return asker;
  const expected = port === 67 ? messageTypes.discover : messageTypes.request;
  if (messageTypeOf(packet) !== expected) {
    const text = `only a message of type ${expected} is for a proxy on port ${port}`;
    return ignore(asker, { reason: 'unknown-message', text }, 'nothing');
  }
  if (!netbootClass(asker)) {
    const text = 'it does not boot from the network, and another server gives it its address';
    return ignore(asker, { reason: 'not-netbooting', text }, 'nothing');
  }
  const currentAddress = port === 67 ? none : packet.ciaddr;
  return answerIfHeard(asker, (asking) => decideBootFile(asking, port), currentAddress);
}

function decideBootFile(asking: Asking, port: 67 | 4011): Decision {
  const { packet, client, node, settings, network } = asking;
  const bootFile = asking.boots ? chooseBootFile(client, node, settings) : undefined;
  if (bootFile === undefined) {
    return ignore(asking, { reason: 'no-boot-file', text: 'no boot file is meant for it' });
  }
  const isReachable = port === 67 || isInNetwork(network, packet.ciaddr);
  if (isReachable) return renderProxyReply(asking, port, bootFile);
  const text = `a REQUEST on port 4011 from ${packet.ciaddr}, no address of ${network.prefix}`;
  return ignore(asking, { reason: 'incomplete', text });
}

function renderProxyReply(asking: Asking, port: 67 | 4011, bootFile: BootFile): Decision {
  const { packet } = asking;
  const event = port === 67 ? 'proxy-offer' : 'proxy-ack';
  const { nextServer, filename } = bootFile;
  return {
    kind: 'reply',
    packet: {
      ...replyTo(packet),
      ciaddr: port === 67 ? none : packet.ciaddr,
      siaddr: nextServer,
      file: filename,
      options: proxyOptions(asking, port, bootFile),
    },
    to: destinationOf(packet, port),
    maximumBytes: replyLimitBytes(packet.options),
    lease: undefined,
    event: { ...eventOf(asking, event, describeBootFile(bootFile)), filename },
  };
}

function proxyOptions(asking: Asking, port: 67 | 4011, bootFile: BootFile) {
  const { packet, settings } = asking;
  const vendorClass = netbootClass(asking) ?? 'PXEClient';
  const options = new Map<number, Buffer>([
    [dhcpOptions.messageType, encodeUint8(port === 67 ? messageTypes.offer : messageTypes.ack)],
    [dhcpOptions.serverId, encodeAddress(settings.address)],
    [dhcpOptions.vendorClass, encodeText(vendorClass)],
  ]);
  mirror(packet, options, [dhcpOptions.clientId, dhcpOptions.clientUuid]);
  if (vendorClass === 'PXEClient') options.set(dhcpOptions.vendorSpecific, discoveryControl);
  const asked = packet.options.get(dhcpOptions.parameterList) ?? Buffer.alloc(0);
  const texts = [
    [dhcpOptions.tftpServerName, bootFile.nextServer],
    [dhcpOptions.bootfileName, bootFile.filename],
  ] as const;
  for (const [code, text] of texts) if (asked.includes(code)) options.set(code, encodeText(text));
  mirror(packet, options, [dhcpOptions.relayAgent]);
  return options;
}

/** A client without an address hears only what is broadcast; one on 4011 has its address. */
function destinationOf({ giaddr }: DhcpPacket, port: 67 | 4011) {
  if (port === 4011) return 'unicast-to-ciaddr';
  return giaddr === none ? 'broadcast' : 'relay';
}

function netbootClass({ client }: Pick<Asking, 'client'>): string | undefined {
  return ['PXEClient', 'HTTPClient'].find((name) => client.vendorClass?.startsWith(name));
}
