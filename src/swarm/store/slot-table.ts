/** After the disk has refused a slot, it is asked for no more room than it gave for so long. */
const pauseMs = 5000;

/** Which slots are taken, and how many there may be. Knows of no file. */
export class SlotTable {
  #capacity: number;
  #grown: number;
  #used = 0;
  #pausedUntilMs = 0;
  readonly #freed: number[] = [];
  /** The disk has no room behind them. */
  readonly #refused: number[] = [];

  constructor(capacitySlots: number, grownSlots = 0) {
    this.#capacity = capacitySlots;
    this.#grown = Math.min(grownSlots, capacitySlots);
  }

  get usedSlots(): number {
    return this.#used;
  }

  /** One past the last slot that was ever taken. */
  get grownSlots(): number {
    return this.#grown;
  }

  /** How many there may be; while the disk takes no more, how many it has taken. */
  capacitySlots(nowMs: number): number {
    return this.#isPaused(nowMs) ? this.#grown - this.#refused.length : this.#capacity;
  }

  /** Undefined: none is free, and there may be no more for now. */
  take(nowMs: number): number | undefined {
    const slot = this.#freed.pop() ?? (this.#isPaused(nowMs) ? undefined : this.#grow());
    if (slot !== undefined) this.#used += 1;
    return slot;
  }

  free(slot: number): void {
    this.#used -= 1;
    this.#freed.push(slot);
  }

  /** A taken slot could not be written. */
  refuse(slot: number, nowMs: number): void {
    this.#used -= 1;
    this.#refused.push(slot);
    this.#pausedUntilMs = nowMs + pauseMs;
  }

  /** Slots that nobody has yet, as they were found. */
  addFree(slots: readonly number[]): void {
    this.#freed.push(...slots);
  }

  /** Slots that somebody has, as they were found. */
  addUsed(count: number): void {
    this.#used += count;
  }

  /** There is another disk behind the slots now. */
  grantCapacity(capacitySlots: number): void {
    this.#capacity = capacitySlots;
    this.#pausedUntilMs = 0;
  }

  #grow(): number | undefined {
    return this.#refused.pop() ?? (this.#grown < this.#capacity ? this.#grown++ : undefined);
  }

  #isPaused(nowMs: number): boolean {
    return nowMs < this.#pausedUntilMs;
  }
}
