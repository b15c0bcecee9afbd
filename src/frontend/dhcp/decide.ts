import { type DhcpClient, describeClient } from '../../protocol/dhcp/client.ts';
import { dhcpOptions, messageTypes, readUint8 } from '../../protocol/dhcp/options.ts';
import type { DhcpPacket } from '../../protocol/dhcp/packet.ts';
import { decideBootp } from './bootp.ts';
import { decideDiscover } from './discover.ts';
import { decideDecline, decideRelease } from './give-back.ts';
import { holderOf } from './holder.ts';
import { decideInform } from './inform.ts';
import { chooseNetwork } from './network.ts';
import { ignore } from './reply.ts';
import { decideOtherServer, decideRequest, readRequest } from './request.ts';
import type { Asking, Decision, Ignore, Situation } from './types.ts';
import { decideWho } from './who.ts';

const none = '0.0.0.0';

/**
 * What a DHCP server answers to a packet on port 67 (RFC 2131), or why it does not. The lease that
 * comes with a decision has to be kept before the reply is sent.
 */
export function decideDhcp(packet: DhcpPacket, situation: Situation): Decision {
  const asker = readAsker(packet, situation);
  if ('kind' in asker) return asker;
  const type = messageTypeOf(packet);
  switch (type) {
    case messageTypes.discover:
      return answerIfHeard(asker, decideDiscover);
    case messageTypes.request: {
      const meaning = readRequest(asker);
      const isOthers =
        meaning.kind === 'selecting' && meaning.server !== situation.settings.address;
      if (isOthers) return decideOtherServer(asker, meaning.server);
      const current = meaning.kind === 'renewing' ? meaning.address : none;
      return answerIfHeard(asker, (asking) => decideRequest(asking, meaning), current);
    }
    case messageTypes.decline:
      return decideDecline(asker);
    case messageTypes.release:
      return decideRelease(asker);
    case messageTypes.inform:
      return answerIfHeard(asker, decideInform, packet.ciaddr);
    case 'bootp':
      return answerIfHeard(asker, decideBootp);
    default:
      return unknownMessage(packet, type);
  }
}

/** Who sent a packet, before anything is known of its network. */
export type Asker = Situation & Pick<Asking, 'packet' | 'client' | 'node' | 'holder'>;

/** Refuses what is no client's packet. */
export function readAsker(packet: DhcpPacket, situation: Situation): Asker | Ignore {
  if (packet.op !== 'request') {
    const refusal = { reason: 'not-a-request', text: 'an answer of another server' } as const;
    return ignore({ packet }, refusal, 'nothing');
  }
  const holder = holderOf(packet);
  if (holder === undefined) {
    const text = `${packet.mac} is no address of a single machine`;
    return ignore({ packet }, { reason: 'bad-mac', text }, 'nothing');
  }
  // Not by UUID: boards share the one that they left the factory with.
  const node = situation.nodes.byMac(packet.mac);
  const client: DhcpClient = describeClient(packet);
  return { ...situation, packet, client, node, holder };
}

/**
 * The answer for a client that is to be answered, in a network that is known. Only some messages
 * come from an address that the client already has; in others `ciaddr` means nothing.
 */
export function answerIfHeard(
  asker: Asker,
  answer: (asking: Asking) => Decision,
  currentAddress = none,
): Decision {
  const who = decideWho(asker);
  if (who.kind === 'silence') {
    const isNew = who.reason === 'to-be-discovered';
    return ignore(asker, who, isNew ? 'unknown' : 'ignored');
  }
  const choice = chooseNetwork(asker.packet, asker.settings, currentAddress);
  if (choice.kind === 'none') return ignore(asker, choice);
  return answer({ ...asker, network: choice.network, boots: who.boots });
}

/** Option 53; `bootp` where there is none, 0 where it is no single byte. */
export function messageTypeOf({ options }: DhcpPacket): number | 'bootp' {
  return options.has(dhcpOptions.messageType)
    ? (readUint8(options, dhcpOptions.messageType) ?? 0)
    : 'bootp';
}

function unknownMessage(packet: DhcpPacket, type: number): Ignore {
  const text = `message type ${type} is not for a server`;
  return ignore({ packet }, { reason: 'unknown-message', text }, 'nothing');
}
