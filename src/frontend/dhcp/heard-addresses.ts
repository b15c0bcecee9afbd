import { messageTypes } from '../../protocol/dhcp/options.ts';
import type { DhcpPacket } from '../../protocol/dhcp/packet.ts';
import { messageTypeOf } from './decide.ts';
import { holderOf } from './holder.ts';
import type { Lease, LeaseView } from './lease.ts';
import { type MacOnWire, wireFreshMs } from './mac-on-wire.ts';
import { readRequest } from './request.ts';

/** How long it is believed that a client still has the address that it was heard to take. */
const believedMs = 3_600_000;
const mostAddresses = 65_536;

export type HeardAddresses = {
  /** Takes in what a client says of its address in a packet that a proxy hears. */
  readonly note: (packet: DhcpPacket) => void;
  /** As a lease would tell it: who is at an address that another server gave. */
  readonly at: LeaseView['at'];
};

/**
 * What a proxy knows of addresses that another server gives: clients broadcast which offer they
 * take, and say on port 4011 where they are. Of others, and after a restart, the MAC address is
 * known where they are on the same wire. The oldest of 65,536 are forgotten.
 */
export function createHeardAddresses(deps: {
  readonly nowMs: () => number;
  readonly macOnWire: MacOnWire;
}): HeardAddresses {
  const { nowMs, macOnWire } = deps;
  const heard = new Map<string, Lease>();
  return {
    note: (packet) => {
      const lease = leaseOf(packet, nowMs() + believedMs);
      if (lease === undefined) return;
      // Last in the order in which they are forgotten.
      heard.delete(lease.address);
      heard.set(lease.address, lease);
      const [oldest] = heard.keys();
      if (heard.size > mostAddresses && oldest !== undefined) heard.delete(oldest);
    },
    at: (address) => {
      const known = heard.get(address);
      const mac = macOnWire(address);
      // What a packet says can be said by anybody; who answers ARP is the one that is there.
      const isBelieved = mac === undefined || mac === known?.mac;
      if (known !== undefined && known.untilMs > nowMs() && isBelieved) return known;
      if (mac === undefined) return undefined;
      return bound({ address, mac, holder: `mac:${mac}` }, nowMs() + wireFreshMs);
    },
  };
}

/**
 * Only a choice among offers, and the use of an address, say that a client has it: one that asks
 * for its old address after a start is often refused.
 */
function leaseOf(packet: DhcpPacket, untilMs: number): Lease | undefined {
  const isRequest = packet.op === 'request' && messageTypeOf(packet) === messageTypes.request;
  const holder = isRequest ? holderOf(packet) : undefined;
  if (holder === undefined) return undefined;
  const meaning = readRequest({ packet });
  if (meaning.kind !== 'selecting' && meaning.kind !== 'renewing') return undefined;
  return bound({ address: meaning.address, mac: packet.mac, holder }, untilMs);
}

function bound(who: Pick<Lease, 'address' | 'mac' | 'holder'>, untilMs: number): Lease {
  return { ...who, state: 'bound', untilMs };
}
