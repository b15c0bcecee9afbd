import { addressBits, formatAddress } from '../../protocol/dhcp/address.ts';
import { isLive, type Lease, type LeaseView, type PickRequest } from './lease.ts';

/** How many addresses are looked at for one that nobody ever had. */
const lookAheadCount = 256;
/** Nodes that are removed give addresses back without a word to this table. */
const fullAgainMs = 5_000;

/** The leases in memory: at most one for each address. Bounded by the ranges and reservations. */
export class LeaseTable implements LeaseView {
  readonly #byAddress = new Map<number, Lease>();
  readonly #byHolder = new Map<string, Set<number>>();
  /** Ranges without a free address, and until when there is none. */
  readonly #fullUntilMs = new Map<string, number>();

  get size(): number {
    return this.#byAddress.size;
  }

  readonly at = (address: string) => this.#byAddress.get(addressBits(address));

  readonly of = (holder: string): readonly Lease[] =>
    [...(this.#byHolder.get(holder) ?? [])].flatMap((at) => this.#byAddress.get(at) ?? []);

  readonly all = (): readonly Lease[] => [...this.#byAddress.values()];

  /** Takes the place of what was known of the address. */
  put(lease: Lease): void {
    const at = addressBits(lease.address);
    this.#forget(at);
    this.#byAddress.set(at, lease);
    const ofHolder = this.#byHolder.get(lease.holder) ?? new Set();
    this.#byHolder.set(lease.holder, ofHolder.add(at));
    if (lease.state === 'released') this.#fullUntilMs.clear();
  }

  remove(address: string): void {
    this.#forget(addressBits(address));
    this.#fullUntilMs.clear();
  }

  /**
   * Begins where the holder's name falls, so that a machine that was forgotten gets its old address
   * again in most cases; prefers addresses that nobody had, then those that ended first.
   */
  readonly pick = ({ range, holder, nowMs, isAllowed }: PickRequest): string | undefined => {
    const [first, last] = [addressBits(range.first), addressBits(range.last)];
    const name = `${first}-${last}`;
    if (nowMs < (this.#fullUntilMs.get(name) ?? 0)) return undefined;
    const sizeCount = last - first + 1;
    const start = hashOf(holder) % sizeCount;
    let fullUntilMs = nowMs + fullAgainMs;
    let best: Lease | undefined;
    for (let step = 0; step < sizeCount; step += 1) {
      if (best !== undefined && step >= lookAheadCount) break;
      const at = first + ((start + step) % sizeCount);
      const known = this.#byAddress.get(at);
      if (isLive(known, nowMs)) {
        fullUntilMs = Math.min(fullUntilMs, known.untilMs);
        continue;
      }
      if (best !== undefined && known !== undefined && known.untilMs >= best.untilMs) continue;
      const address = formatAddress(at);
      if (!isAllowed(address)) continue;
      if (known === undefined) return address;
      best = known;
    }
    if (best === undefined) this.#fullUntilMs.set(name, fullUntilMs);
    return best?.address;
  };

  #forget(at: number): void {
    const known = this.#byAddress.get(at);
    if (known === undefined) return;
    this.#byAddress.delete(at);
    const ofHolder = this.#byHolder.get(known.holder);
    ofHolder?.delete(at);
    if (ofHolder?.size === 0) this.#byHolder.delete(known.holder);
  }
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
