import { formatAddress, parseAddress } from '../../protocol/dhcp/address.ts';

/** What an IPv4 prefix such as `10.1.0.0/16` covers. */
export type PrefixBounds = {
  /** The network's own address, and its broadcast address, as numbers. */
  readonly first: number;
  readonly last: number;
  readonly bits: number;
  readonly mask: string;
};

/** Undefined for what is no prefix; bits of the host part are cut off. */
export function readPrefix(prefix: string): PrefixBounds | undefined {
  const [, addressText = '', bitsText] = /^([\d.]+)\/(\d{1,2})$/.exec(prefix) ?? [];
  const address = parseAddress(addressText);
  const bits = Number(bitsText);
  if (address === undefined || !(bits <= 32)) return undefined;
  const size = 2 ** (32 - bits);
  const first = address - (address % size);
  return { first, last: first + size - 1, bits, mask: formatAddress(2 ** 32 - size) };
}

/** True for an address that a host of this prefix may have. */
export function isHostOf({ first, last, bits }: PrefixBounds, address: string): boolean {
  const value = parseAddress(address);
  if (value === undefined || value < first || value > last) return false;
  return bits > 30 || (value !== first && value !== last);
}
