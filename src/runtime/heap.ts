/** A binary heap: the least comes out first. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #comesBefore: (one: T, other: T) => boolean;

  constructor(comesBefore: (one: T, other: T) => boolean) {
    this.#comesBefore = comesBefore;
  }

  push(item: T): void {
    const items = this.#items;
    let place = items.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || this.#comesBefore(parent, item)) break;
      items[place] = parent;
      place = above;
    }
    items[place] = item;
  }

  pop(): T | undefined {
    const [first] = this.#items;
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last);
    return first;
  }

  #sink(item: T): void {
    const items = this.#items;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      let child = items[below];
      const other = items[below + 1];
      if (child !== undefined && other !== undefined && this.#comesBefore(other, child)) {
        child = other;
        below += 1;
      }
      if (child === undefined || this.#comesBefore(item, child)) break;
      items[place] = child;
      place = below;
    }
    items[place] = item;
  }
}
