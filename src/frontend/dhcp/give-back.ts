import { dhcpOptions, readAddress } from '../../protocol/dhcp/options.ts';
import { isLive } from './lease.ts';
import { ignore } from './reply.ts';
import type { Asking, Ignore } from './types.ts';

/** How long an address that somebody else uses is left alone. */
const declinedMs = 600_000;

/** What answers ARP for every address makes a client decline one after the other. */
const declinedLimit = 8;

/** What DECLINE and RELEASE depend on; whoever has a lease may give it back. */
export type GivingBack = Pick<
  Asking,
  'packet' | 'node' | 'settings' | 'leases' | 'holder' | 'nowMs'
>;

/** The client found that somebody else uses its address (RFC 2131, 4.3.3). */
export function decideDecline(asking: GivingBack): Ignore {
  const { packet, nowMs } = asking;
  const address = readAddress(packet.options, dhcpOptions.requestedAddress);
  const lease = leaseAt(asking, address);
  if (lease === undefined) return notOurs(asking, 'DECLINE', address);
  if (countDeclined(asking) >= declinedLimit) {
    const text = `${lease.address} was declined like ${declinedLimit} others before; it is not believed`;
    return ignore(asking, { reason: 'declined', text }, 'decline');
  }
  const declined = { ...lease, state: 'declined', untilMs: nowMs + declinedMs } as const;
  const text = `another machine uses ${lease.address}; it is left alone for ${declinedMs / 60_000} minutes`;
  return ignore(asking, { reason: 'declined', text, lease: declined }, 'decline');
}

/** The client needs its address no more (RFC 2131, 4.3.4). */
export function decideRelease(asking: GivingBack): Ignore {
  const { packet, nowMs } = asking;
  const lease = leaseAt(asking, packet.ciaddr);
  if (lease === undefined) return notOurs(asking, 'RELEASE', packet.ciaddr);
  const released = { ...lease, state: 'released', untilMs: nowMs } as const;
  const text = `${lease.address} is free again`;
  return ignore(asking, { reason: 'released', text, lease: released }, 'release');
}

/** The lease, if it is this client's and given by this server. */
function leaseAt(asking: GivingBack, address: string | undefined) {
  const { packet, settings, leases, holder, nowMs } = asking;
  const server = readAddress(packet.options, dhcpOptions.serverId);
  if (address === undefined || (server !== undefined && server !== settings.address)) {
    return undefined;
  }
  const lease = leases.at(address);
  const isTheirs = isLive(lease, nowMs) && lease.holder === holder && lease.state !== 'declined';
  return isTheirs ? lease : undefined;
}

function countDeclined({ leases, holder, nowMs }: GivingBack): number {
  const live = leases.of(holder).filter((each) => isLive(each, nowMs));
  return live.filter(({ state }) => state === 'declined').length;
}

function notOurs(asking: GivingBack, message: string, address: string | undefined): Ignore {
  const text = `${message} of ${address ?? 'nothing'}, which this machine does not have`;
  return ignore(asking, { reason: 'not-ours', text }, 'nothing');
}
