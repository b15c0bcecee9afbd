import { isIP, isIPv4 } from 'node:net';
import { formatEndpoint, isWildcard, normalizeAddress } from './address.ts';
import { TrackerError } from './errors.ts';
import type { PeerEndpoint } from './peer.ts';
import { canReach, type ReplyFamily, reachOf } from './reach.ts';
import type { OwnSeed } from './types.ts';

type Asker = {
  readonly address: string;
  readonly family: ReplyFamily;
  readonly localAddress: string | undefined;
};

/** The seeds of this very program, by torrent. They neither announce nor expire. */
export class OwnSeeds {
  readonly #byInfohash = new Map<string, Map<string, OwnSeed>>();

  /** Throws TrackerError `bad-address` for what is no IP address with a port. */
  add(seed: OwnSeed): void {
    checkEndpoint(seed);
    const seeds = this.#byInfohash.get(seed.infohash) ?? new Map<string, OwnSeed>();
    this.#byInfohash.set(seed.infohash, seeds.set(describeOwnSeed(seed), seed));
  }

  remove(infohash: string): void {
    this.#byInfohash.delete(infohash);
  }

  infohashes(): Iterable<string> {
    return this.#byInfohash.keys();
  }

  count(infohash: string): number {
    return this.#byInfohash.get(infohash)?.size ?? 0;
  }

  /** As operators are shown them: `address:port`, with `*` for an address that depends. */
  describe(infohash: string): readonly string[] {
    return [...(this.#byInfohash.get(infohash)?.keys() ?? [])];
  }

  /** Those that the asker can reach, at the addresses that are right for it. */
  endpointsFor(infohash: string, asker: Asker): readonly PeerEndpoint[] {
    const seeds = [...(this.#byInfohash.get(infohash)?.values() ?? [])];
    return seeds.flatMap((seed) => {
      const address = fixedAddress(seed) ?? asker.localAddress;
      if (address === undefined || !listensOn(seed, address)) return [];
      const reachable = canReach(reachOf(address), reachOf(asker.address), asker.family);
      return reachable ? [{ address, port: seed.port, peerId: undefined }] : [];
    });
  }
}

function checkEndpoint({ address, port }: OwnSeed): void {
  const isPort = Number.isInteger(port) && port >= 1 && port <= 65_535;
  if (isPort && (address === undefined || isIP(address) !== 0)) return;
  throw new TrackerError(
    'bad-address',
    `expected an IP address and a port to seed at, got '${address ?? '*'}' and ${port}`,
  );
}

function describeOwnSeed(seed: OwnSeed): string {
  return formatEndpoint(fixedAddress(seed) ?? '*', seed.port);
}

/** The wildcard of IPv4 takes no IPv6 connections; the one of IPv6 takes both. */
function listensOn(seed: OwnSeed, address: string): boolean {
  return seed.address !== '0.0.0.0' || isIPv4(address);
}

function fixedAddress({ address }: OwnSeed): string | undefined {
  return address === undefined || isWildcard(address) ? undefined : normalizeAddress(address);
}
