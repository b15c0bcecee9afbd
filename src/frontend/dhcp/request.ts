import { dhcpOptions, readAddress } from '../../protocol/dhcp/options.ts';
import { standingOf } from './choose-address.ts';
import { questionFor } from './in-use.ts';
import { isLive, type Lease } from './lease.ts';
import { leaseSecondsFor } from './lease-time.ts';
import { isInNetwork } from './network.ts';
import { ignore, renderAnswer, renderNak } from './reply.ts';
import type { Asking, Decision, Reply } from './types.ts';

const none = '0.0.0.0';

/** What a client means by its REQUEST (RFC 2131, 4.3.2). */
export type RequestMeaning =
  | { readonly kind: 'selecting'; readonly server: string; readonly address: string }
  | { readonly kind: 'init-reboot'; readonly address: string }
  /** RENEWING or REBINDING: only the destination of the packet tells them apart. */
  | { readonly kind: 'renewing'; readonly address: string }
  | { readonly kind: 'incomplete' };

export function readRequest({ packet }: Pick<Asking, 'packet'>): RequestMeaning {
  const { ciaddr, options } = packet;
  const server = readAddress(options, dhcpOptions.serverId);
  const requested = readAddress(options, dhcpOptions.requestedAddress);
  const current = ciaddr === none ? undefined : ciaddr;
  if (server !== undefined) {
    const address = requested ?? current;
    return address === undefined ? { kind: 'incomplete' } : { kind: 'selecting', server, address };
  }
  if (current !== undefined) return { kind: 'renewing', address: current };
  if (requested !== undefined) return { kind: 'init-reboot', address: requested };
  return { kind: 'incomplete' };
}

/** RFC 2131, 4.3.2. Other servers' clients hear nothing from this one. */
export function decideRequest(asking: Asking, meaning: RequestMeaning): Decision {
  switch (meaning.kind) {
    case 'selecting':
      return meaning.server === asking.settings.address
        ? decideSelecting(asking, meaning.address)
        : decideOtherServer(asking, meaning.server);
    case 'init-reboot':
    case 'renewing':
      return decideKnownAddress(asking, meaning);
    case 'incomplete':
      return ignore(asking, { reason: 'incomplete', text: 'a REQUEST that names no address' });
  }
}

/** The client took another server's offer: ours is free again (4.3.2). */
export function decideOtherServer(
  asking: Pick<Asking, 'packet' | 'node' | 'leases' | 'holder' | 'nowMs'>,
  server: string,
): Decision {
  const { leases, holder, nowMs } = asking;
  const offer = leases.of(holder).find((each) => each.state === 'offered' && isLive(each, nowMs));
  const lease: Lease | undefined = offer && { ...offer, state: 'released', untilMs: nowMs };
  const text = `it chose the server ${server}`;
  const refusal = { reason: 'other-server', text, lease } as const;
  return { ...ignore(asking, refusal, offer ? 'ignored' : 'nothing'), otherServer: server };
}

function decideSelecting(asking: Asking, address: string): Decision {
  if (standingOf(asking, address) === 'granted') return acknowledgeAnew(asking, address);
  return renderNak(asking, address, `${address} is not to be had any more; ask again`);
}

function decideKnownAddress(
  asking: Asking,
  { kind, address }: RequestMeaning & { readonly address: string },
): Decision {
  const { network } = asking;
  if (!isInNetwork(network, address)) {
    return renderNak(asking, address, `${address} is no address of ${network.prefix}`);
  }
  switch (standingOf(asking, address)) {
    case 'granted':
      // Who renews answers for its address itself.
      if (kind === 'renewing') return acknowledge(asking, address, address);
      return acknowledgeAnew(asking, address);
    case 'refused':
      return renderNak(asking, address, `${address} is not this machine's any more; ask again`);
    case 'foreign': {
      const text = `${kind} of ${address}, of which nothing is known here`;
      return ignore(asking, { reason: 'not-ours', text });
    }
  }
}

/**
 * Of an address that was offered just now it is known that nobody uses it; of one from before the
 * machine was switched off, or of an offer that is over, it is not.
 */
function acknowledgeAnew(asking: Asking, address: string): Decision {
  return { ...acknowledge(asking, address, none), ...questionFor(asking, address) };
}

function acknowledge(asking: Asking, address: string, ciaddr: string): Reply {
  const { holder, packet, nowMs } = asking;
  const leaseSeconds = leaseSecondsFor(asking);
  const untilMs = nowMs + leaseSeconds * 1000;
  return renderAnswer(asking, {
    event: 'ack',
    yiaddr: address,
    ciaddr,
    leaseSeconds,
    lease: { address, holder, mac: packet.mac, state: 'bound', untilMs },
  });
}
