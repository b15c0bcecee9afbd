import type { AddressProbe, AddressQuestion } from './address-probe.ts';
import { decideInUse, type InUse, isBelieved, refuseInUse } from './in-use.ts';
import type { Leases } from './leases.ts';
import type { Decision, DhcpEvent, Reply } from './types.ts';

export type FreeAddressDeps = {
  readonly probe: Pick<AddressProbe, 'userOf' | 'isAsking'>;
  readonly leases: Pick<Leases, 'of' | 'at' | 'pick' | 'commit'>;
  readonly onEvent: (event: DhcpEvent) => void;
  readonly onInUse: (inUse: InUse) => void;
  /** Somebody answered who answers for too many. */
  readonly onDisbelieved: (inUse: InUse) => void;
  /** Milliseconds since 1970. */
  readonly clockMs: () => number;
};

/** A range that others use as a whole must not keep one packet for ever; the client asks again. */
const attemptsLimit = 8;

/**
 * Decides, and again while somebody else uses the address that was decided on. The lease of a reply
 * is kept when this resolves; it is so before anybody is asked, so that nobody else is offered the
 * address in the meantime.
 */
export async function decideFreeAddress(
  deps: FreeAddressDeps,
  decide: () => Decision,
): Promise<Decision> {
  for (let attempt = 1; ; attempt += 1) {
    const decision = decide();
    if (decision.lease !== undefined) await deps.leases.commit(decision.lease);
    if (decision.kind === 'ignore') return decision;
    const user = await findUser(deps, decision);
    if (user === undefined) return decision;
    if (attempt === attemptsLimit) return refuseInUse(decision, attempt);
  }
}

/** Undefined: nobody, or nobody who is believed. */
async function findUser(deps: FreeAddressDeps, reply: Reply): Promise<string | undefined> {
  const { probe, leases, clockMs } = deps;
  const question = reply.probe ?? openQuestion(deps, reply);
  const user = question && (await probe.userOf(question));
  if (user === undefined) return undefined;
  const inUse = decideInUse(reply, user, clockMs());
  // Whoever asked the same has said so.
  if (leases.at(inUse.address)?.holder === inUse.lease.holder) return user;
  if (!isBelieved(user, leases, clockMs())) {
    deps.onDisbelieved(inUse);
    return undefined;
  }
  deps.onInUse(inUse);
  deps.onEvent(inUse.event);
  await leases.commit(inUse.lease);
  return user;
}

/** The same machine asks again before it is known whether it can have what it was to get. */
function openQuestion({ probe }: FreeAddressDeps, { packet }: Reply): AddressQuestion | undefined {
  const { yiaddr: address, mac } = packet;
  return probe.isAsking(address) ? { address, macs: [mac] } : undefined;
}
