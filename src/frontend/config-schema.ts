import * as v from 'valibot';
import { listenAddressForms, readListenAddress } from '../runtime/listen-address.ts';
import { actionEntries, bootEntries } from './config-boot-schema.ts';
import { readListenOrOff } from './config-boot-values.ts';
import { bootFileEntries, dhcpEntries, networkEntries } from './config-dhcp-schema.ts';
import { ifGiven, section, setting } from './config-setting.ts';
import { readNetworks, readRate, readText, wholeNumber } from './config-values.ts';

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
  dhcp: dhcpEntries,
  tftp: { listen: setting(`off, or ${listenAddressForms}`, 'off', readListenOrOff) },
  boot: bootEntries,
};

const plainSettings = {
  state: setting('a folder, such as /var/lib/scree', '/var/lib/scree', readText),
  profiles: ifGiven('a folder, such as /etc/scree/profiles', readText),
  networks: setting(
    'a list of networks such as [10.1.0.0/16, "fd00::/8"]',
    [
      ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '127.0.0.0/8'],
      ...['fc00::/7', 'fe80::/10', '::1/128'],
    ],
    readNetworks,
  ),
};

const topEntries = {
  ...plainSettings,
  http: v.nullish(section(sections.http), {}),
  tracker: v.nullish(section(sections.tracker), {}),
  seed: v.nullish(section(sections.seed), {}),
  dhcp: v.nullish(section(sections.dhcp), {}),
  tftp: v.nullish(section(sections.tftp), {}),
  boot: v.nullish(section(sections.boot), {}),
};

export const configSchema = section(topEntries);

/** The keys of each mapping by its path; `*` is any name, or any place in a list. */
export const configKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ['', Object.keys(topEntries)],
  ...Object.entries(sections).map(([name, keys]) => [name, Object.keys(keys)] as const),
  ['dhcp.networks.*', Object.keys(networkEntries)],
  ['dhcp.boot-files.*', Object.keys(bootFileEntries)],
  ['boot.actions.*', Object.keys(actionEntries)],
]);

export type ConfigDocument = v.InferOutput<typeof configSchema>;
