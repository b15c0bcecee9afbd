import { BlockList, isIP } from 'node:net';
import { TrackerError } from './errors.ts';

/**
 * Tells whether an address (as normalizeAddress makes it) lies in one of the networks: CIDR
 * blocks or single addresses. Throws TrackerError `bad-network` for what is neither.
 */
export function createNetworkFilter(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);
  return (address) => list.check(address, familyOf(address));
}

function addNetwork(list: BlockList, network: string): void {
  const [address = '', prefixText, ...more] = network.split('/');
  const longest = isIP(address) === 4 ? 32 : 128;
  const prefix = prefixText === undefined ? longest : Number(prefixText);
  const isNumber = prefixText === undefined || /^\d{1,3}$/.test(prefixText);
  if (isIP(address) === 0 || !isNumber || prefix > longest || more.length > 0) {
    throw new TrackerError(
      'bad-network',
      `expected a network such as 10.1.0.0/16 or fd00::/8, got '${network}'`,
    );
  }
  list.addSubnet(address, prefix, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
