import { isIPv4 } from 'node:net';
import { compactEndpoint } from './address.ts';
import type { PeerEndpoint } from './peer.ts';
import { type PeerTable, peerKind } from './peer-table.ts';

const compactBytes = { ipv4: 6, ipv6: 18 } as const;

/** The peers of one answer, to be written at once, before any other announce. */
export class HandedPeers {
  readonly #table: PeerTable;
  readonly #permanent: readonly PeerEndpoint[];
  readonly #slots: readonly number[];

  /** What is chosen: slots, and for those that are always there -1, -2 and so on. */
  constructor(table: PeerTable, permanent: readonly PeerEndpoint[], chosen: readonly number[]) {
    this.#table = table;
    this.#permanent = chosen.flatMap((each) => (each < 0 ? (permanent[-1 - each] ?? []) : []));
    this.#slots = chosen.filter((each) => each >= 0);
  }

  endpoints(): readonly PeerEndpoint[] {
    return [...this.#permanent, ...this.#slots.map((slot) => this.#table.endpointOf(slot))];
  }

  /** Those of one family, as trackers send them. */
  compact(family: 'ipv4' | 'ipv6'): Buffer {
    const permanent = this.#permanent.filter(
      (each) => isIPv4(each.address) === (family === 'ipv4'),
    );
    const slots = this.#slots.filter((slot) => isOfFamily(this.#table.kinds[slot] ?? 0, family));
    const bytes = Buffer.allocUnsafe((permanent.length + slots.length) * compactBytes[family]);
    let offset = 0;
    for (const { address, port } of permanent) {
      offset += compactEndpoint(address, port).copy(bytes, offset);
    }
    for (const slot of slots) offset = this.#table.writeCompact(slot, bytes, offset);
    return bytes;
  }
}

const ipv4Kinds = new Set(
  [false, true].flatMap((isSeed) => [peerKind('ipv4', isSeed), peerKind('ipv4-loopback', isSeed)]),
);

function isOfFamily(kind: number, family: 'ipv4' | 'ipv6'): boolean {
  return ipv4Kinds.has(kind) === (family === 'ipv4');
}
