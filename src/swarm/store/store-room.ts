import type { HeldPiece } from '../piece-book.ts';
import { chooseVictim } from '../victim.ts';
import type { Slots } from './slot-file.ts';
import { slotBytes } from './store-folder.ts';

/** The pieces of one torrent, as one of those that share a store. */
export type RoomMember = {
  /** Some pieces on the disk, at most so many, picked at random. */
  readonly sample: (count: number) => HeldPiece[];
  /** Its slots are free; unless it is in memory, the piece is gone. */
  readonly evict: (piece: number) => void;
  readonly memoryBytes: number;
  /** Lets go of the piece in memory that is missed least. False: there is none. */
  readonly forgetOne: () => boolean;
  /** The disk is left: what is not in memory is gone. */
  readonly leaveDisk: () => void;
};

/** Enough to find a piece that is as good as any to lose, and quick at any size. */
const sampleSize = 64;
const leastSample = 8;
/** Who has read this lately goes on reading. */
const inUseMs = 30_000;

/**
 * One budget on the disk and one in memory for all torrents of a process. Who needs room gets what
 * is worth least, whose ever it is.
 */
export class StoreRoom {
  readonly slots: Slots;
  /** False: what nobody asks for is not fetched any more. */
  readsAhead = true;
  readonly #memoryBytes: number;
  readonly #members = new Set<RoomMember>();
  readonly #usedAtMs = new Map<unknown, number>();

  constructor(slots: Slots, memoryBytes: number) {
    this.slots = slots;
    this.#memoryBytes = memoryBytes;
  }

  add(member: RoomMember): void {
    this.#members.add(member);
  }

  delete(member: RoomMember): void {
    this.#members.delete(member);
  }

  /** Somebody reads now. */
  noteUse(user: unknown): void {
    this.#usedAtMs.set(user, performance.now());
  }

  forgetUse(user: unknown): void {
    this.#usedAtMs.delete(user);
  }

  /** How much one may plan with, so that those who read now have enough together. */
  shareBytesOf(user: unknown): number {
    const sinceMs = performance.now() - inUseMs;
    let users = 1;
    for (const [each, atMs] of this.#usedAtMs) if (each !== user && atMs >= sinceMs) users += 1;
    return Math.max(this.#memoryBytes, this.slots.capacitySlots * slotBytes) / users;
  }

  /** Undefined: all that is held is wanted, or there is no disk. */
  takeSlot(): number | undefined {
    return this.slots.take() ?? (this.#evictOne() ? this.slots.take() : undefined);
  }

  /** To be called when a member has come to hold more in memory. */
  shrinkMemory(): void {
    let excess = -this.#memoryBytes;
    for (const member of this.#members) excess += member.memoryBytes;
    while (excess > 0) {
      const largest = this.#largest();
      const before = largest?.memoryBytes ?? 0;
      if (largest?.forgetOne() !== true) return;
      excess -= before - largest.memoryBytes;
    }
  }

  leaveDisk(): void {
    for (const member of this.#members) member.leaveDisk();
  }

  #evictOne(): boolean {
    const share = Math.max(leastSample, Math.ceil(sampleSize / this.#members.size));
    const victim = this.#victimOf(share) ?? this.#victimOf(Number.POSITIVE_INFINITY);
    victim?.member.evict(victim.piece);
    return victim !== undefined;
  }

  #victimOf(count: number): (HeldPiece & { readonly member: RoomMember }) | undefined {
    const best = [...this.#members].flatMap((member) => {
      const held = chooseVictim(member.sample(count));
      return held === undefined ? [] : [{ ...held, member }];
    });
    return chooseVictim(best);
  }

  #largest(): RoomMember | undefined {
    let largest: RoomMember | undefined;
    for (const member of this.#members) {
      if (member.memoryBytes > (largest?.memoryBytes ?? 0)) largest = member;
    }
    return largest;
  }
}
