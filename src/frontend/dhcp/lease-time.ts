import { dhcpOptions, readUint32 } from '../../protocol/dhcp/options.ts';
import type { Asking } from './types.ts';

const shortestSeconds = 120;

/** What the network's configuration says, or less if the client asks for less (option 51). */
export function leaseSecondsFor({ packet, network }: Pick<Asking, 'packet' | 'network'>): number {
  const asked = readUint32(packet.options, dhcpOptions.leaseSeconds) ?? network.leaseSeconds;
  return Math.min(Math.max(asked, shortestSeconds), network.leaseSeconds);
}
