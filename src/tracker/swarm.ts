import type { AnnounceRequest } from './announce-request.ts';
import { joinLists } from './joined-list.ts';
import { isSeed } from './peer.ts';
import { choosePeers } from './peer-handout.ts';
import { kindOf, type PeerTable, peerKind } from './peer-table.ts';
import { RateWindow } from './rate-window.ts';
import { canReach, type Reach, reaches, reachOf } from './reach.ts';
import { SwarmTotals } from './transfer-totals.ts';

export type SwarmLimits = {
  readonly peersPerSwarm: number;
  /** One machine must not be able to take all places. */
  readonly peersPerAddress: number;
};

const kindCount = 2 * reaches.length;

/** The peers of one torrent that announce to this tracker: slots of the table. */
export class Swarm {
  /** From 1 on, as the table has it. */
  readonly number: number;
  readonly rate = new RateWindow();
  readonly totals: SwarmTotals;
  readonly #table: PeerTable;
  /** By kind. */
  readonly #lists: number[][] = Array.from({ length: kindCount }, () => []);
  /** By rack and kind. */
  readonly #rackLists = new Map<number, number[]>();

  constructor(table: PeerTable, number: number, totals = new SwarmTotals()) {
    this.#table = table;
    this.number = number;
    this.totals = totals;
  }

  get seedCount(): number {
    return this.#count(1);
  }

  get leecherCount(): number {
    return this.#count(0);
  }

  get size(): number {
    return this.seedCount + this.leecherCount;
  }

  /** The slots of all peers. */
  slots(): readonly number[] {
    return this.#lists.flat();
  }

  /** Takes in a peer whose columns are written. */
  add(slot: number): void {
    const { kinds, places, racks, rackPlaces } = this.#table;
    const kind = kinds[slot] ?? 0;
    const list = this.#lists[kind] ?? [];
    places[slot] = list.push(slot) - 1;
    const key = rackKey(racks[slot] ?? 0, kind);
    const inRack = this.#rackLists.get(key);
    rackPlaces[slot] = inRack?.length ?? 0;
    // A list that is made by pushing has room for seventeen at once.
    if (inRack === undefined) this.#rackLists.set(key, [slot]);
    else inRack.push(slot);
  }

  /** To be called before its columns change. */
  remove(slot: number): void {
    const { kinds, places, racks, rackPlaces } = this.#table;
    const kind = kinds[slot] ?? 0;
    takeOut(this.#lists[kind] ?? [], slot, places);
    const key = rackKey(racks[slot] ?? 0, kind);
    const inRack = this.#rackLists.get(key) ?? [];
    takeOut(inRack, slot, rackPlaces);
    if (inRack.length === 0) this.#rackLists.delete(key);
  }

  /** In which lists the asker of this request belongs. */
  isAt(slot: number, request: AnnounceRequest, rack: number): boolean {
    return this.#table.kinds[slot] === kindOf(request) && this.#table.racks[slot] === rack;
  }

  /** Slots, and for those that are always there -1, -2 and so on. */
  choosePeers(
    request: AnnounceRequest,
    asker: { readonly slot: number; readonly rack: number; readonly need: number },
    deps: { readonly permanentCount: number; readonly random: () => number },
  ): readonly number[] {
    const { permanentCount, random } = deps;
    const usable = usableReaches(request);
    const all = (seed: boolean) => joinLists(usable.map((reach) => this.#list(reach, seed)));
    const near = (seed: boolean) => {
      const keys = usable.map((reach) => rackKey(asker.rack, peerKind(reach, seed)));
      return joinLists(keys.map((key) => this.#rackLists.get(key)));
    };
    const { racks } = this.#table;
    const isSession = this.#table.sessionTest(request.peerId);
    return choosePeers<number>({
      askerIsSeed: isSeed(request),
      askerNeed: asker.need,
      isAsker: (slot) => slot === asker.slot || isSession(slot),
      isNear: (slot) => racks[slot] === asker.rack,
      permanent: Array.from({ length: permanentCount }, (_, index) => -1 - index),
      nearSeeds: near(true),
      nearLeechers: near(false),
      seeds: all(true),
      leechers: all(false),
      wanted: request.wanted,
      random,
    });
  }

  #list(reach: Reach, seed: boolean): readonly number[] | undefined {
    return this.#lists[peerKind(reach, seed)];
  }

  #count(odd: 0 | 1): number {
    let count = 0;
    for (let kind: number = odd; kind < kindCount; kind += 2) {
      count += this.#lists[kind]?.length ?? 0;
    }
    return count;
  }
}

function usableReaches({ address, family }: AnnounceRequest): readonly Reach[] {
  const asker = reachOf(address);
  return reaches.filter((reach) => canReach(reach, asker, family));
}

/** Racks are numbers of 28 bits, so that this stays a small integer. */
function rackKey(rack: number, kind: number): number {
  return rack * kindCount + kind;
}

function takeOut(list: number[], slot: number, places: Int32Array): void {
  const last = list.pop();
  if (last === undefined || last === slot) return;
  const place = places[slot] ?? 0;
  list[place] = last;
  places[last] = place;
}
