import { parseAddress } from '../protocol/dhcp/address.ts';
import type { DhcpClientKind } from '../protocol/dhcp/client.ts';
import { parseOption } from '../protocol/dhcp/option-text.ts';
import { readStaticRoutes, type StaticRoute } from '../protocol/dhcp/static-routes.ts';
import { wholeNumber } from './config-values.ts';
import { clientKinds } from './dhcp/defaults.ts';
import { readPrefix } from './dhcp/prefix.ts';
import { readClientClasses, readName, readRole } from './nodes/names.ts';

/** Readers of the lists and rules of `dhcp:`; undefined for what they do not take. */

/** `10.2.0.0/16`, of at least two addresses, with nothing in the hosts' part. */
export function readPrefixText(value: unknown): string | undefined {
  const bounds = typeof value === 'string' ? readPrefix(value) : undefined;
  if (typeof value !== 'string' || bounds === undefined) return undefined;
  const isWhole = parseAddress(value.split('/')[0] ?? '') === bounds.first;
  return isWhole && bounds.bits >= 1 && bounds.bits <= 31 ? value : undefined;
}

/** `10.2.0.0/16 via 10.1.1.254`, or a list of them. */
export function readRoutes(value: unknown): readonly StaticRoute[] | undefined {
  if (Array.isArray(value) && value.length === 0) return [];
  const isHex = typeof value === 'string' && value.startsWith('0x');
  const option = isHex ? undefined : orUndefined(() => parseOption('121', value));
  return option && readStaticRoutes(new Map([[option.code, option.bytes]]));
}

export function readArchitectures(value: unknown): readonly number[] | 'none' | undefined {
  if (value === 'none') return 'none';
  const read = wholeNumber(0, 65_535);
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  const numbers = all.map(read).filter((each) => each !== undefined);
  return numbers.length === all.length && all.length > 0 ? numbers : undefined;
}

export function readClientKind(value: unknown): DhcpClientKind | undefined {
  return clientKinds.find((kind) => kind === value);
}

/** Kinds, beginnings of vendor classes, or user classes, as nodes have them. */
export function readClasses(value: unknown): readonly string[] | undefined {
  return readTexts(value, readClientClasses);
}

export function readRoles(value: unknown): readonly string[] | undefined {
  return readTexts(value, (texts) => texts.map(readRole));
}

export function readNodeName(value: unknown): string | undefined {
  return typeof value === 'string' ? orUndefined(() => readName(value)) : undefined;
}

export function readShortText(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\x20-\x7e]{1,64}$/.test(value) ? value : undefined;
}

/** Visible ASCII, as long as an option holds; empty for `none`. */
export function readBootFilename(value: unknown): string | undefined {
  if (value === 'none') return '';
  return typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value) ? value : undefined;
}

export function readNextServer(value: unknown): string | undefined {
  return typeof value === 'string' && parseAddress(value) !== undefined ? value : undefined;
}

function readTexts(
  value: unknown,
  read: (texts: readonly string[]) => readonly string[],
): readonly string[] | undefined {
  const isText = (each: unknown): each is string => typeof each === 'string';
  if (!Array.isArray(value) || !value.every(isText)) return undefined;
  return orUndefined(() => read(value));
}

function orUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
