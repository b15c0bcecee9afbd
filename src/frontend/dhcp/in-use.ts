import type { AddressQuestion } from './address-probe.ts';
import { isLive, type Lease, type LeaseView } from './lease.ts';
import type { Asking, DhcpEvent, Ignore, Reply } from './types.ts';

/** Short enough that a machine gets its own address soon after the other was put right. */
const leftAloneMs = 120_000;

/** No machine that is set up by mistake has as many. */
const believedLimit = 8;

/** An address that was to be offered, and that another machine uses. */
export type InUse = {
  readonly address: string;
  /** Who uses it. */
  readonly mac: string;
  /** Keeps the address from being given away for a while. */
  readonly lease: Lease;
  readonly event: DhcpEvent;
};

/**
 * What to ask before an address is given to a machine that does not hold it. Nothing for the client
 * of a relay agent: ARP does not reach its network.
 */
export function questionFor(
  { packet, node, leases, nowMs }: Asking,
  address: string,
): { readonly probe?: AddressQuestion } {
  if (packet.giaddr !== '0.0.0.0' || isLive(leases.at(address), nowMs)) return {};
  return { probe: { address, macs: [packet.mac, ...(node?.macs ?? [])] } };
}

/**
 * False for a machine that answers for one address after the other: most likely a router that does
 * so for every address (proxy ARP), because of which no machine would get any.
 */
export function isBelieved(user: string, leases: Pick<LeaseView, 'of'>, nowMs: number): boolean {
  const said = leases.of(holderOf(user)).filter((each) => isLive(each, nowMs));
  return said.length < believedLimit;
}

/** What follows when somebody answers at the address of a reply (RFC 2131, 4.3.1). */
export function decideInUse({ packet, event }: Reply, user: string, nowMs: number): InUse {
  const address = packet.yiaddr;
  const minutes = leftAloneMs / 60_000;
  const text = `${address} is used by ${user}; it is given to nobody for ${minutes} minutes`;
  return {
    address,
    mac: user,
    lease: leaseOfUser(address, user, nowMs),
    event: {
      ...{ event: 'in-use', node: event.node, mac: event.mac, address, text },
      ...{ filename: undefined, reason: 'address-in-use' },
    },
  };
}

/** Keeps an address for a while from being given away, of which somebody made use unasked. */
export function leaseOfUser(address: string, user: string, nowMs: number): Lease {
  const untilMs = nowMs + leftAloneMs;
  return { address, holder: holderOf(user), mac: user, state: 'declined', untilMs };
}

/** Silence for now: one address after the other was used by somebody else. */
export function refuseInUse({ event }: Reply, count: number): Ignore {
  const text = `${count} addresses one after the other are used by other machines`;
  const refusal = { reason: 'address-in-use', text } as const;
  const told = { ...event, ...refusal, event: 'ignored', filename: undefined } as const;
  return { kind: 'ignore', ...refusal, lease: undefined, event: told };
}

/** What no client is called: the user was not given the address, and has it all the same. */
function holderOf(user: string): string {
  return `arp:${user}`;
}
