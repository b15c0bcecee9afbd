import type { Metainfo } from '../protocol/metainfo.ts';
import type { PieceSource } from '../swarm/types.ts';
import type { TrackerCatalog } from '../tracker/types.ts';

/** A torrent that this frontend offers, and where its bytes come from. */
export type Offer = {
  readonly metainfo: Metainfo;
  readonly source: PieceSource;
  /** What the tracker's pages call it. */
  readonly name: string;
  readonly generation: number;
  /** `<tree>@<generation>`: all of an owner's offers are withdrawn at once. */
  readonly owner: string;
};

/**
 * What is offered, and by whom: a file that two generations share has one torrent and two owners.
 * The tracker asks it at every announce, so that nothing has to be kept in step.
 */
export class Offers implements TrackerCatalog {
  readonly #byInfohash = new Map<string, readonly Offer[]>();

  /** True when nobody offered this torrent before. */
  add(offer: Offer): boolean {
    const { infohash } = offer.metainfo;
    const before = this.#byInfohash.get(infohash) ?? [];
    const others = before.filter(({ owner }) => owner !== offer.owner);
    this.#byInfohash.set(infohash, [...others, offer]);
    return before.length === 0;
  }

  /** Takes back all that an owner offered; tells which torrents lost their first offer. */
  remove(
    owner: string,
  ): readonly { readonly infohash: string; readonly next: Offer | undefined }[] {
    const changes = [];
    for (const [infohash, offers] of this.#byInfohash) {
      const rest = offers.filter((offer) => offer.owner !== owner);
      if (rest.length === offers.length) continue;
      if (rest.length === 0) this.#byInfohash.delete(infohash);
      else this.#byInfohash.set(infohash, rest);
      if (rest[0] !== offers[0]) changes.push({ infohash, next: rest[0] });
    }
    return changes;
  }

  has(infohash: string): boolean {
    return this.#byInfohash.has(infohash);
  }

  nameOf(infohash: string): string | undefined {
    return this.#byInfohash.get(infohash)?.[0]?.name;
  }

  sizeOf(infohash: string): number | undefined {
    return this.#byInfohash.get(infohash)?.[0]?.metainfo.totalSizeBytes;
  }

  list() {
    return [...this.#byInfohash].flatMap(([infohash, [offer]]) =>
      offer === undefined ? [] : [entryOf(infohash, offer)],
    );
  }
}

function entryOf(infohash: string, { name, generation, metainfo }: Offer) {
  return { infohash, name, generation, totalSizeBytes: metainfo.totalSizeBytes };
}
