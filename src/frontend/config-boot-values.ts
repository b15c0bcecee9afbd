import { parseAddress } from '../protocol/dhcp/address.ts';
import { type ListenAddress, readListenAddress } from '../runtime/listen-address.ts';

/** Readers of the values of `dhcp:` and `tftp:`; undefined for what they do not take. */

/** `off` is a word in YAML 1.2 and false in YAML 1.1; both mean the same here. */
export function readMode(value: unknown): 'off' | 'server' | 'proxy' | undefined {
  if (value === 'off' || value === false) return 'off';
  return value === 'server' || value === 'proxy' ? value : undefined;
}

export function readListenOrOff(value: unknown): ListenAddress | 'off' | undefined {
  if (value === 'off' || value === false) return 'off';
  return readListenAddress(value, { host: '0.0.0.0' });
}

export function readUnknownPolicy(value: unknown): 'ignore' | 'address' | 'discover' | undefined {
  return value === 'ignore' || value === 'address' || value === 'discover' ? value : undefined;
}

export type RangeOrNone = { readonly first: string; readonly last: string } | 'none';

/** `10.1.200.1-10.1.250.254`, both included. */
export function readRange(value: unknown): RangeOrNone | undefined {
  if (value === 'none') return 'none';
  if (typeof value !== 'string') return undefined;
  const [first = '', last = '', ...rest] = value.split('-').map((part) => part.trim());
  const areAddresses = parseAddress(first) !== undefined && parseAddress(last) !== undefined;
  return areAddresses && rest.length === 0 ? { first, last } : undefined;
}

/** One address, or a list of them. */
export function readAddresses(value: unknown): readonly string[] | undefined {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isAddress = (each: unknown): each is string =>
    typeof each === 'string' && parseAddress(each) !== undefined;
  return all.every(isAddress) ? all : undefined;
}

/** Letters, digits, `.` and `-`; empty: none. */
export function readDomain(value: unknown): string | undefined {
  return typeof value === 'string' && /^[a-z0-9.-]{0,253}$/i.test(value) ? value : undefined;
}

/** As Linux names them; empty: none. */
export function readInterface(value: unknown): string | undefined {
  return typeof value === 'string' && /^[^\s/]{0,15}$/.test(value) ? value : undefined;
}
