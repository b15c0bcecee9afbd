import { createHash } from 'node:crypto';
import type { MachineNode } from '../nodes/types.ts';

/** The addresses of the machines of one rack, and what tells this list from another. */
export type RackAddresses = { readonly version: string; readonly addresses: readonly string[] };

export type RackMember = Pick<MachineNode, 'rack' | 'address'> & {
  /** Where its agent was heard from last. */
  readonly heardFrom: string | undefined;
};

/** By rack. Machines of no rack are in none. */
export function listRackAddresses(
  members: readonly RackMember[],
): ReadonlyMap<number, RackAddresses> {
  const racks = new Map<number, Set<string>>();
  for (const { rack, address, heardFrom } of members) {
    if (rack === undefined) continue;
    const addresses = racks.get(rack) ?? new Set();
    racks.set(rack, addresses);
    for (const each of [address, heardFrom]) if (each !== undefined) addresses.add(each);
  }
  return new Map([...racks].map(([rack, addresses]) => [rack, describe([...addresses].sort())]));
}

function describe(addresses: readonly string[]): RackAddresses {
  const digest = createHash('sha256').update(addresses.join(' ')).digest('hex');
  return { version: digest.slice(0, 16), addresses };
}
