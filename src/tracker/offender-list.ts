import type { OffenderStats } from './types.ts';

type Offence = { readonly address: string; readonly reason: string; readonly by: string };
type Kept = Offence & { readonly reports: number; readonly atMs: number };

const mostKept = 100;
/** Two that say so within this time say so of the peer, not of the way to it. */
const togetherMs = 30_000;
/** Of whom two have said so one is believed for so long. */
const knownMs = 120_000;

/**
 * Who was dropped by others, or gives them little, and why; the same again counts up. Those heard of
 * last are kept.
 */
export class OffenderList {
  readonly #kept = new Map<string, Kept>();
  /** Of whom one has said something, by address. */
  readonly #suspects = new Map<string, { readonly by: string; readonly atMs: number }>();
  #reports = 0;

  get reports(): number {
    return this.#reports;
  }

  /** `needsTwo`: it counts once a second peer says something of the kind. */
  add(
    offence: Offence,
    { needsTwo, nowMs }: { readonly needsTwo: boolean; readonly nowMs: number },
  ): void {
    const key = `${offence.address} ${offence.reason}`;
    const before = this.#kept.get(key);
    const isKnown = before !== undefined && nowMs - before.atMs < knownMs;
    if (needsTwo && !isKnown && !this.#isConfirmed(offence, nowMs)) return;
    this.#reports += 1;
    const reports = (before?.reports ?? 0) + 1;
    this.#kept.delete(key);
    this.#kept.set(key, { ...offence, reports, atMs: nowMs });
    dropOldest(this.#kept);
  }

  /** The last one first. */
  list(nowMs: number): readonly OffenderStats[] {
    return [...this.#kept.values()].reverse().map(({ atMs, ...offence }) => ({
      ...offence,
      secondsAgo: Math.max(0, Math.round((nowMs - atMs) / 1000)),
    }));
  }

  #isConfirmed({ address, by }: Offence, nowMs: number): boolean {
    const first = this.#suspects.get(address);
    if (first !== undefined && first.by !== by && nowMs - first.atMs < togetherMs) return true;
    this.#suspects.delete(address);
    this.#suspects.set(address, { by, atMs: nowMs });
    dropOldest(this.#suspects);
    return false;
  }
}

function dropOldest(kept: Map<string, unknown>): void {
  const [oldest] = kept.keys();
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
}
