/** A set of numbers from which some can be picked at random, at once at any size. */
export class RandomSet {
  readonly #items: number[] = [];
  readonly #places = new Map<number, number>();

  get size(): number {
    return this.#items.length;
  }

  add(item: number): void {
    if (this.#places.has(item)) return;
    this.#places.set(item, this.#items.length);
    this.#items.push(item);
  }

  delete(item: number): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    const last = this.#items.pop() ?? item;
    this.#places.delete(item);
    if (last === item) return;
    this.#items[place] = last;
    this.#places.set(last, place);
  }

  /** Different ones, each as likely as any other; all of them when there are no more. */
  pick(count: number, random: () => number = Math.random): number[] {
    if (this.#items.length <= count) return [...this.#items];
    const picked = new Set<number>();
    while (picked.size < count) {
      picked.add(this.#items[Math.floor(random() * this.#items.length)] ?? 0);
    }
    return [...picked];
  }
}
