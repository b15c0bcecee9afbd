import type { FlowStats } from './types.ts';

export const frontendName = 'frontend';
export const othersName = 'others';

const byNumbersInNames = new Intl.Collator('en', { numeric: true });

/**
 * Sums of bytes by who gave and who got them. Bounded: there are never more than so many names,
 * and what belongs to those that were not admitted is added up under one more.
 */
export class FlowMatrix {
  readonly #mostNames: number;
  readonly #numbers = new Map<string, number>();
  readonly #groups = new Map<string, string>();
  readonly #sums = new Map<number, number>();
  #isFull = false;

  constructor(mostNames: number) {
    this.#mostNames = mostNames;
  }

  /** There were more names than it holds. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Gives a name a row and a column of its own, while there is room, beside those of its group. */
  admit(name: string, group?: string): void {
    if (name === othersName) return;
    if (!this.#numbers.has(name)) {
      if (this.#numbers.size < this.#mostNames) this.#numbers.set(name, this.#numbers.size);
      else this.#isFull = true;
    }
    if (group !== undefined && this.#numbers.has(name)) this.#groups.set(name, group);
  }

  groupOf(name: string): string | null {
    return this.#groups.get(name) ?? null;
  }

  add(from: string, to: string, sizeBytes: number): void {
    if (sizeBytes <= 0) return;
    const key = this.#numberOf(from) * (this.#mostNames + 1) + this.#numberOf(to);
    this.#sums.set(key, (this.#sums.get(key) ?? 0) + sizeBytes);
  }

  /** Those who gave something, and those who got something, by group and in the order of people. */
  snapshot(): FlowStats {
    const names = [...this.#numbers.keys(), othersName];
    const cells = [...this.#sums].map(([key, sizeBytes]) => ({
      from: names[Math.min(Math.floor(key / (this.#mostNames + 1)), names.length - 1)] ?? '',
      to: names[Math.min(key % (this.#mostNames + 1), names.length - 1)] ?? '',
      sizeBytes,
    }));
    const sources = this.#sort(new Set(cells.map(({ from }) => from)));
    const receivers = this.#sort(new Set(cells.map(({ to }) => to)));
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

  /** The frontend first, whoever has no name of its own last. */
  #sort(names: ReadonlySet<string>): readonly string[] {
    const rank = (name: string) => (name === frontendName ? 0 : name === othersName ? 2 : 1);
    const { compare } = byNumbersInNames;
    return [...names].sort(
      (one, other) =>
        rank(one) - rank(other) ||
        compare(this.groupOf(one) ?? '', this.groupOf(other) ?? '') ||
        compare(one, other),
    );
  }
}
