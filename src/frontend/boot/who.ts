import { isIPv4 } from 'node:net';
import { isLive, type LeaseView } from '../dhcp/lease.ts';
import type { Nodes } from '../nodes/node-index.ts';
import type { MachineNode } from '../nodes/types.ts';

/** Who is at an address, as far as that is known. */
export type Asker = {
  /** Undefined: a machine that is no node, or nothing is known of it. */
  readonly node: MachineNode | undefined;
  /** Under which name its story is kept: its node's, or its MAC; undefined: nothing is known. */
  readonly machine: string | undefined;
};

export type Who = (address: string) => Asker;

/**
 * Knows machines by the leases of this frontend's DHCP server, and nodes by the address of their
 * own where no lease says who is there.
 */
export function createWho(deps: {
  readonly nodes: Pick<Nodes, 'byAddress' | 'byMac'>;
  /** Undefined where another server gives the addresses. */
  readonly leaseAt: LeaseView['at'] | undefined;
  readonly nowMs: () => number;
}): Who {
  const { nodes, leaseAt, nowMs } = deps;
  return (address) => {
    const lease = isIPv4(address) ? leaseAt?.(address) : undefined;
    const live = isLive(lease, nowMs()) ? lease : undefined;
    // Somebody is known to be there who should not be.
    if (live?.state === 'declined') return nobody;
    const mac = live?.mac;
    // A node's address may still be leased to a machine that had it before.
    const node = mac === undefined ? nodes.byAddress(address) : nodes.byMac(mac);
    return { node, machine: node?.name ?? mac };
  };
}

const nobody: Asker = { node: undefined, machine: undefined };
