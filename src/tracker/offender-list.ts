import type { OffenderStats } from './types.ts';

type Offence = { readonly address: string; readonly reason: string; readonly by: string };
type Kept = Offence & { readonly reports: number; readonly atMs: number };

const mostKept = 100;

/** Who was dropped by others and why; the same again counts up. Those heard of last are kept. */
export class OffenderList {
  readonly #kept = new Map<string, Kept>();
  #reports = 0;

  get reports(): number {
    return this.#reports;
  }

  add(offence: Offence, nowMs: number): void {
    this.#reports += 1;
    const key = `${offence.address} ${offence.reason}`;
    const reports = (this.#kept.get(key)?.reports ?? 0) + 1;
    this.#kept.delete(key);
    this.#kept.set(key, { ...offence, reports, atMs: nowMs });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
  }

  /** The last one first. */
  list(nowMs: number): readonly OffenderStats[] {
    return [...this.#kept.values()].reverse().map(({ atMs, ...offence }) => ({
      ...offence,
      secondsAgo: Math.max(0, Math.round((nowMs - atMs) / 1000)),
    }));
  }
}
