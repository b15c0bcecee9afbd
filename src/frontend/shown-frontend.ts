import type { ListenAddress } from '../runtime/listen-address.ts';
import { formatEndpoint } from '../tracker/address.ts';
import { shownAddress } from '../tracker/shown-address.ts';

/** `host[:port]` by which nodes most likely reach it. */
export function shownFrontend({ host, port }: ListenAddress): string {
  const address = shownAddress(host);
  return port === 80 && !address.includes(':') ? address : formatEndpoint(address, port);
}
