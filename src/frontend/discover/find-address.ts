import type { AddressProbe } from '../dhcp/address-probe.ts';
import { isBelieved, leaseOfUser } from '../dhcp/in-use.ts';
import type { Leases } from '../dhcp/leases.ts';
import type { NodeLookup } from '../dhcp/types.ts';
import { chooseNodeAddress } from './choose-node-address.ts';
import type { UnknownMachine } from './types.ts';

export type FindAddressDeps = {
  /** Undefined: nobody is asked. */
  readonly probe: Pick<AddressProbe, 'userOf'> | undefined;
  readonly leases: Pick<Leases, 'at' | 'of' | 'commit'>;
  readonly nodes: Pick<NodeLookup, 'byAddress'>;
  readonly clockMs: () => number;
};

export type AddressSearch = {
  readonly from: string | undefined;
  /** The frontend's own. */
  readonly ownAddresses: ReadonlySet<string>;
  /** What machines are promised that are no nodes yet; the one that is found is put there. */
  readonly promised: Set<string>;
};

/** A firmware waits for some seconds, and asks again. */
const attemptsLimit = 8;

/**
 * The lowest address that nobody has, or answers for, promised to this machine; `none` where the
 * network has no more, `in-use` when one after the other is used by strangers.
 */
export async function findAddress(
  deps: FindAddressDeps,
  machine: UnknownMachine,
  { from, ownAddresses, promised }: AddressSearch,
): Promise<{ readonly address: string } | 'none' | 'in-use'> {
  const { probe, leases, nodes, clockMs } = deps;
  const { network, holder, mac } = machine;
  for (let attempt = 1; attempt <= attemptsLimit; attempt += 1) {
    const address = chooseNodeAddress({
      ...{ network, from, nodes, leases, holder, nowMs: clockMs() },
      kept: ownAddresses.union(promised),
    });
    if (address === undefined) return 'none';
    // Before anybody is asked: who comes next must not be promised the same.
    promised.add(address);
    const user = machine.isRelayed ? undefined : await probe?.userOf({ address, macs: [mac] });
    if (user === undefined || !isBelieved(user, leases, clockMs())) return { address };
    await leases.commit(leaseOfUser(address, user, clockMs()));
    promised.delete(address);
  }
  return 'in-use';
}
