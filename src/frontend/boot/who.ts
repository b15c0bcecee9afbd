import { isIPv4 } from 'node:net';
import { isLive, type LeaseView } from '../dhcp/lease.ts';
import type { MacOnWire } from '../dhcp/mac-on-wire.ts';
import type { Nodes } from '../nodes/node-index.ts';
import type { MachineNode } from '../nodes/types.ts';

/** Who is at an address, as far as that is known. */
export type Asker = {
  /** Undefined: a machine that is no node, or nothing is known of it. */
  readonly node: MachineNode | undefined;
  /** Under which name its story is kept: its node's, or its MAC; undefined: nothing is known. */
  readonly machine: string | undefined;
  /**
   * True: a lease that this frontend has given, or the MAC address that answers there, says so.
   * False: it is only that this should be the node's address, or somebody said that it was.
   */
  readonly isCertain: boolean;
};

export type Who = (address: string) => Asker;

export type WhoDeps = {
  readonly nodes: Pick<Nodes, 'byAddress' | 'byMac'>;
  /** What is known of who has which address; undefined where nobody is heard. */
  readonly leaseAt: LeaseView['at'] | undefined;
  /** The leases are this frontend's own, not what machines say of those of another server. */
  readonly areLeasesOwn: boolean;
  readonly macOnWire: MacOnWire;
  readonly nowMs: () => number;
};

/**
 * Knows machines by the MAC address that is at their address on a wire of this machine; behind
 * routers by the leases of this frontend's DHCP server; and where neither is known, nodes by the
 * address that is theirs.
 */
export function createWho({ nodes, leaseAt, areLeasesOwn, macOnWire, nowMs }: WhoDeps): Who {
  const byMac = (mac: string, isCertain: boolean): Asker => {
    const node = nodes.byMac(mac);
    return { node, machine: node?.name ?? mac, isCertain };
  };
  return (address) => {
    if (!isIPv4(address)) return nobody;
    const lease = leaseAt?.(address);
    const live = isLive(lease, nowMs()) ? lease : undefined;
    // Somebody is known to be there who should not be.
    if (live?.state === 'declined') return nobody;
    // The node itself may be off, and another machine have been given its address by hand, also
    // while its lease still runs.
    const mac = macOnWire(address);
    if (mac !== undefined) return byMac(mac, true);
    // A node's address may still be leased to a machine that had it before.
    if (live !== undefined) return byMac(live.mac, areLeasesOwn);
    const node = nodes.byAddress(address);
    return { node, machine: node?.name, isCertain: false };
  };
}

const nobody: Asker = { node: undefined, machine: undefined, isCertain: false };
