import { isIP } from 'node:net';
import type { TorrentSources } from '../../protocol/metainfo.ts';
import { formatEndpoint, isWildcard, normalizeAddress } from '../../tracker/address.ts';

export type SourceAddresses = {
  /** The address and port of this machine that the client's connection came to. */
  readonly localAddress: string | undefined;
  readonly localPort: number;
  /** As configured; a wildcard or a name gives way to the local address. */
  readonly trackerHost: string;
  readonly trackerPort: number;
};

/**
 * Where the client of a torrent finds trackers (HTTP, then UDP, then where it has the torrent from,
 * for who cannot reach the first two) and the web seed. The addresses are those of the connection's own socket, never of the Host header, which anyone can write.
 */
export function torrentSources(addresses: SourceAddresses, webSeedPath: string): TorrentSources {
  const local = normalizeAddress(addresses.localAddress) ?? '127.0.0.1';
  const fixed = isIP(addresses.trackerHost) !== 0 && !isWildcard(addresses.trackerHost);
  const tracker = formatEndpoint(fixed ? addresses.trackerHost : local, addresses.trackerPort);
  const web =
    addresses.localPort === 80
      ? formatEndpoint(local, 80).replace(/:80$/, '')
      : formatEndpoint(local, addresses.localPort);
  return {
    trackers: [`http://${tracker}/announce`, `udp://${tracker}/announce`, `http://${web}/announce`],
    webSeeds: [`http://${web}${webSeedPath}`],
  };
}
