import { isIP } from 'node:net';
import * as v from 'valibot';
import { listenAddressForms, readListenAddress } from '../runtime/listen-address.ts';
import { parseRateBytesPerSecond } from '../runtime/units.ts';
import {
  readAddresses,
  readDomain,
  readInterface,
  readListenOrOff,
  readMode,
  readRange,
  readUnknownPolicy,
} from './config-boot-values.ts';

/** What every key of scree.yaml may be, and what it is when left out. See docs/configuration.md. */
const listen = (whenLeftOut: string) =>
  setting(listenAddressForms, whenLeftOut, (value) =>
    // Without a host all IPv4 addresses are meant.
    readListenAddress(value, { host: '0.0.0.0' }),
  );

const sections = {
  http: {
    listen: listen(':80'),
    fallback: setting('a whole number from 1 to 10000', 8, wholeNumber(1, 10_000)),
  },
  tracker: {
    listen: listen(':6969'),
    interval: setting('whole seconds from 1 to 3600', 30, wholeNumber(1, 3600)),
  },
  seed: {
    listen: listen(':6881'),
    upload: setting('bytes per second, a rate such as 900Mbit, or 0 for no cap', 0, readRate),
  },
  dhcp: {
    mode: setting('server, proxy or off', 'off', readMode),
    interface: setting('the name of an interface such as eth1', '', readInterface),
    range: setting('a range such as 10.1.200.1-10.1.250.254, or none', 'none', readRange),
    router: setting('an IPv4 address, or a list of them', [], readAddresses),
    dns: setting('an IPv4 address, or a list of them', [], readAddresses),
    domain: setting('a domain name', '', readDomain),
    ntp: setting('an IPv4 address, or a list of them', [], readAddresses),
    mtu: setting('bytes from 576 to 65535, or 0 to say nothing', 0, readMtu),
    lease: setting('whole seconds from 120 to 31536000', 1200, wholeNumber(120, 31_536_000)),
    unknown: setting('ignore, address or discover', 'ignore', readUnknownPolicy),
  },
  tftp: { listen: setting(`off, or ${listenAddressForms}`, 'off', readListenOrOff) },
};

const plainSettings = {
  state: setting('a folder, such as /var/lib/scree', '/var/lib/scree', readText),
  networks: setting(
    'a list of networks such as [10.1.0.0/16, "fd00::/8"]',
    [
      ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '127.0.0.0/8'],
      ...['fc00::/7', 'fe80::/10', '::1/128'],
    ],
    readNetworks,
  ),
};

export const configSchema = section({
  ...plainSettings,
  http: v.nullish(section(sections.http), {}),
  tracker: v.nullish(section(sections.tracker), {}),
  seed: v.nullish(section(sections.seed), {}),
  dhcp: v.nullish(section(sections.dhcp), {}),
  tftp: v.nullish(section(sections.tftp), {}),
});

/** The keys of each section; none for a key that is no section. */
export const configKeys: ReadonlyMap<string, readonly string[]> = new Map<
  string,
  readonly string[]
>([
  ...Object.keys(plainSettings).map((name) => [name, []] as const),
  ...Object.entries(sections).map(([name, keys]) => [name, Object.keys(keys)] as const),
]);

export type ConfigDocument = v.InferOutput<typeof configSchema>;

function section<const Entries extends v.ObjectEntries>(entries: Entries) {
  const isMap = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const names = Object.keys(entries).join(', ');
  return v.pipe(
    v.custom<Record<string, unknown>>(isMap, `expected keys (${names})`),
    v.objectWithRest(entries, v.never(`expected ${names}`)),
  );
}

function setting<Value>(
  expected: string,
  whenLeftOut: string | number | readonly string[],
  read: (value: unknown) => Value | undefined,
) {
  const checked = v.rawTransform<unknown, Value>(({ dataset, addIssue, NEVER }) => {
    const value = read(dataset.value);
    if (value !== undefined) return value;
    addIssue({ message: `expected ${expected}` });
    return NEVER;
  });
  return v.optional(v.pipe(v.unknown(), checked), whenLeftOut);
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && !value.includes('\0') ? value : undefined;
}

function wholeNumber(minimum: number, maximum: number) {
  return (value: unknown): number | undefined =>
    Number.isSafeInteger(value) && Number(value) >= minimum && Number(value) <= maximum
      ? Number(value)
      : undefined;
}

function readMtu(value: unknown): number | undefined {
  return value === 0 ? 0 : wholeNumber(576, 65_535)(value);
}

function readRate(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  try {
    return parseRateBytesPerSecond(value);
  } catch {
    return undefined;
  }
}

function readNetworks(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.every(isNetwork) ? value : undefined;
}

function isNetwork(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const [address = '', prefix = '0', ...rest] = value.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits && rest.length === 0;
}
