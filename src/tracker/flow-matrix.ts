import type { FlowStats } from './types.ts';

/**
 * Sums of bytes by who gave and who got them. Bounded: there are never more than so many names,
 * and what belongs to those that were not admitted is added up under one more.
 */
export class FlowMatrix {
  readonly #mostNames: number;
  readonly #numbers = new Map<string, number>();
  readonly #sums = new Map<number, number>();
  #isFull = false;

  constructor(mostNames: number) {
    this.#mostNames = mostNames;
  }

  /** There were more names than it holds. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Gives a name a row and a column of its own, while there is room. */
  admit(name: string): void {
    if (name === othersName || this.#numbers.has(name)) return;
    if (this.#numbers.size < this.#mostNames) this.#numbers.set(name, this.#numbers.size);
    else this.#isFull = true;
  }

  add(from: string, to: string, sizeBytes: number): void {
    if (sizeBytes <= 0) return;
    const key = this.#numberOf(from) * (this.#mostNames + 1) + this.#numberOf(to);
    this.#sums.set(key, (this.#sums.get(key) ?? 0) + sizeBytes);
  }

  /** Those who gave something, and those who got something, each in the order of people. */
  snapshot(): FlowStats {
    const names = [...this.#numbers.keys(), othersName];
    const cells = [...this.#sums].map(([key, sizeBytes]) => ({
      from: names[Math.min(Math.floor(key / (this.#mostNames + 1)), names.length - 1)] ?? '',
      to: names[Math.min(key % (this.#mostNames + 1), names.length - 1)] ?? '',
      sizeBytes,
    }));
    const sources = sortNames(new Set(cells.map(({ from }) => from)));
    const receivers = sortNames(new Set(cells.map(({ to }) => to)));
    const rows = new Map(sources.map((name) => [name, receivers.map(() => 0)]));
    const columns = new Map(receivers.map((name, column) => [name, column]));
    for (const { from, to, sizeBytes } of cells) {
      const row = rows.get(from) ?? [];
      row[columns.get(to) ?? 0] = sizeBytes;
    }
    return { sources, receivers, bytes: [...rows.values()] };
  }

  #numberOf(name: string): number {
    return this.#numbers.get(name) ?? this.#mostNames;
  }
}

export const frontendName = 'frontend';
export const othersName = 'others';

const byNumbersInNames = new Intl.Collator('en', { numeric: true });

/** The frontend first, whoever has no name of its own last. */
function sortNames(names: ReadonlySet<string>): readonly string[] {
  const rank = (name: string) => (name === frontendName ? 0 : name === othersName ? 2 : 1);
  return [...names].sort(
    (one, other) => rank(one) - rank(other) || byNumbersInNames.compare(one, other),
  );
}
