import { isIP } from 'node:net';
import { parseRateBytesPerSecond } from '../runtime/units.ts';

/** Readers of the values of any section; undefined for what they do not take. */

export function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && !value.includes('\0') ? value : undefined;
}

export function wholeNumber(minimum: number, maximum: number) {
  return (value: unknown): number | undefined =>
    Number.isSafeInteger(value) && Number(value) >= minimum && Number(value) <= maximum
      ? Number(value)
      : undefined;
}

/** What YAML 1.1 takes for true and false is the same here. */
export function readFlag(value: unknown): boolean | undefined {
  if (value === true || value === 'yes' || value === 'on') return true;
  if (value === false || value === 'no' || value === 'off') return false;
  return undefined;
}

export function readRate(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  try {
    return parseRateBytesPerSecond(value);
  } catch {
    return undefined;
  }
}

/** IPv4 or IPv6, with or without the length of the prefix. */
export function readNetworks(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.every(isNetwork) ? value : undefined;
}

function isNetwork(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const [address = '', prefix = '0', ...rest] = value.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits && rest.length === 0;
}
