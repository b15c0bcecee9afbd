import { parseAddress } from './address.ts';
import type { OptionType } from './option-types.ts';
import { encodeText, encodeUint8, encodeUint16, encodeUint32 } from './options.ts';
import { encodeStaticRoutes, type StaticRoute } from './static-routes.ts';

/** How values of one kind are written, and their bytes; undefined: they are not of that form. */
export type OptionEncoder = {
  readonly form: string;
  readonly encode: (items: readonly unknown[]) => Buffer | undefined;
};

export const optionEncoders: Readonly<Record<OptionType | 'unknown', OptionEncoder>> = {
  address: {
    form: 'an IPv4 address such as 10.1.1.1',
    encode: (items) => only(items, encodeOneAddress),
  },
  addresses: {
    form: 'one or more IPv4 addresses such as [10.1.1.1, 10.1.1.2]',
    encode: (items) => each(words(items), encodeOneAddress),
  },
  text: { form: 'text, in quotes if it is a number', encode: (items) => only(items, encodePlain) },
  flag: { form: 'true or false', encode: (items) => only(items, encodeFlag) },
  uint8: numberEncoder({ least: 0, most: 0xff, write: encodeUint8 }),
  uint16: numberEncoder({ least: 0, most: 0xffff, write: encodeUint16 }),
  uint32: numberEncoder({ least: 0, most: 0xffff_ffff, write: encodeUint32 }),
  int32: numberEncoder({
    least: -0x8000_0000,
    most: 0x7fff_ffff,
    write: (value) => encodeUint32(value >>> 0),
  }),
  domains: {
    form: 'one or more domain names such as [rack.example, example.org]',
    encode: (items) => each(words(items), encodeDomain),
  },
  routes: {
    form: 'one or more routes such as [10.2.0.0/16 via 10.1.1.254]',
    encode: (items) => each(parts(items, /,/), encodeRoute),
  },
  bytes: { form: 'bytes in hex and in quotes, such as "0x0104"', encode: () => undefined },
  unknown: {
    form: 'text, IPv4 addresses, or bytes in hex and in quotes, such as "0x0104"',
    encode: (items) => each(words(items), encodeOneAddress) ?? only(items, encodePlain),
  },
};

type Encode = (item: unknown) => Buffer | undefined;

function only(items: readonly unknown[], encode: Encode): Buffer | undefined {
  return items.length === 1 ? encode(items[0]) : undefined;
}

function each(items: readonly unknown[], encode: Encode): Buffer | undefined {
  const encoded = items.map(encode).filter((bytes) => bytes !== undefined);
  return items.length > 0 && encoded.length === items.length ? Buffer.concat(encoded) : undefined;
}

/** `10.1.1.1, 10.1.1.2` is a list too. */
function words(items: readonly unknown[]): readonly unknown[] {
  return parts(items, /\s*,\s*|\s+/);
}

function parts(items: readonly unknown[], separator: RegExp): readonly unknown[] {
  return items.flatMap((item) =>
    typeof item === 'string' ? item.trim().split(separator) : [item],
  );
}

function encodeOneAddress(item: unknown): Buffer | undefined {
  const address = typeof item === 'string' ? parseAddress(item) : undefined;
  return address === undefined ? undefined : encodeUint32(address);
}

function encodePlain(item: unknown): Buffer | undefined {
  const isText = typeof item === 'string' && item.isWellFormed() && /^\P{Cc}+$/u.test(item);
  return isText ? encodeText(item) : undefined;
}

function encodeFlag(item: unknown): Buffer | undefined {
  if (item === true || item === 'true' || item === 'on' || item === 'yes') return encodeUint8(1);
  if (item === false || item === 'false' || item === 'off' || item === 'no') return encodeUint8(0);
  return undefined;
}

function numberEncoder(options: {
  readonly least: number;
  readonly most: number;
  readonly write: (value: number) => Buffer;
}): OptionEncoder {
  const { least, most, write } = options;
  const encodeNumber: Encode = (item) => {
    const isText = typeof item === 'string' && /^-?\d{1,10}$/.test(item);
    const value = typeof item === 'number' || isText ? Number(item) : Number.NaN;
    return Number.isInteger(value) && value >= least && value <= most ? write(value) : undefined;
  };
  return {
    form: `a whole number from ${least} to ${most}`,
    encode: (items) => only(items, encodeNumber),
  };
}

/** A name as in DNS (RFC 1035 §3.1), as RFC 3397 wants it; not compressed. */
function encodeDomain(item: unknown): Buffer | undefined {
  const name = typeof item === 'string' ? item.replace(/\.$/, '') : '';
  const labels = name.split('.');
  if (!labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?$/i.test(label))) {
    return undefined;
  }
  if (name.length > 253) return undefined;
  const encoded = labels.map((label) => [encodeUint8(label.length), encodeText(label)]);
  return Buffer.concat([...encoded.flat(), encodeUint8(0)]);
}

/** `10.2.0.0/16 via 10.1.1.254`, or without `via`; `default` is 0.0.0.0/0. */
function encodeRoute(item: unknown): Buffer | undefined {
  const text = typeof item === 'string' ? item : '';
  const match = /^\s*(default|[\d.]+\/\d{1,2})\s+(?:via\s+)?([\d.]+)\s*$/.exec(text);
  const [network = '', prefixText = ''] = (match?.[1] ?? '')
    .replace('default', '0.0.0.0/0')
    .split('/');
  const route = { network, prefixLength: Number(prefixText), router: match?.[2] ?? '' };
  return isRoute(route) ? encodeStaticRoutes([route]) : undefined;
}

function isRoute({ network, prefixLength, router }: StaticRoute): boolean {
  const address = parseAddress(network);
  if (address === undefined || prefixLength > 32 || parseAddress(router) === undefined)
    return false;
  return address % 2 ** (32 - prefixLength) === 0;
}
