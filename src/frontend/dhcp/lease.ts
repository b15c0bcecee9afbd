/**
 * `offered`: kept for a client that has not answered yet; `bound`: the client has it; `released`:
 * free, but its last holder gets it again if it can; `declined`: somebody else uses it.
 */
export type LeaseState = 'offered' | 'bound' | 'released' | 'declined';

/** What is known of one address. A lease is replaced as a whole, never changed. */
export type Lease = {
  /** IPv4. */
  readonly address: string;
  /** See `holderOf`. */
  readonly holder: string;
  readonly mac: string;
  readonly state: LeaseState;
  /** When it ends, ms since 1970. */
  readonly untilMs: number;
};

export type PickRequest = {
  /** IPv4, both ends included. */
  readonly range: { readonly first: string; readonly last: string };
  readonly holder: string;
  readonly nowMs: number;
  /** False for what is reserved or otherwise not to be given away. */
  readonly isAllowed: (address: string) => boolean;
};

/** The leases as decisions see them. */
export type LeaseView = {
  readonly at: (address: string) => Lease | undefined;
  /** All that this holder has or last had. */
  readonly of: (holder: string) => readonly Lease[];
  /** A free address of the range, the same for the same holder if it can be; undefined: none. */
  readonly pick: (request: PickRequest) => string | undefined;
};

/** A lease that has not ended. */
export type LiveLease = Lease & { readonly state: Exclude<LeaseState, 'released'> };

/** True while nobody else may have the address. */
export function isLive(lease: Lease | undefined, nowMs: number): lease is LiveLease {
  return lease !== undefined && lease.state !== 'released' && lease.untilMs > nowMs;
}
