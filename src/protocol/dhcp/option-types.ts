import { dhcpOptions } from './options.ts';

/** How the value of an option is written in a configuration. */
export type OptionType =
  | 'address'
  | 'addresses'
  | 'text'
  | 'flag'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'int32'
  | 'domains'
  | 'routes'
  | 'bytes';

/** RFC 2132 and the later ones that networks for installs meet. Others may be text or bytes. */
const codesByType: readonly (readonly [OptionType, readonly number[]])[] = [
  ['address', [1, 16, 28, 32]],
  ['addresses', [3, 4, 5, 6, 7, 8, 9, 10, 11, 41, 42, 44, 45, 48, 49, 65]],
  ['addresses', [68, 69, 70, 71, 72, 73, 74, 75, 76, 138, 150]],
  ['text', [12, 14, 15, 17, 18, 40, 47, 56, 60, 64, 66, 67, 100, 101, 114, 209, 210, 252]],
  ['flag', [19, 20, 27, 29, 30, 31, 34, 36, 39]],
  ['uint8', [23, 37, 46]],
  ['uint16', [13, 22, 26]],
  ['uint32', [24, 35, 38, 51, 58, 59, 108, 211]],
  ['int32', [2]],
  ['domains', [119]],
  ['routes', [121, 249]],
  ['bytes', [21, 25, 33, 43, 77, 93, 94, 97, 124, 125, 208]],
];

const types: ReadonlyMap<number, OptionType> = new Map(
  codesByType.flatMap(([type, codes]) =>
    codes.map((code): readonly [number, OptionType] => [code, type]),
  ),
);

/** Undefined for an option of which nothing is known here. */
export function optionTypeOf(code: number): OptionType | undefined {
  return types.get(code);
}

/** What people also call them: the words of ISC dhcpd, dnsmasq and Kea. */
const otherNames = {
  netmask: 1,
  timeOffset: 2,
  routers: 3,
  gateway: 3,
  dnsServers: 6,
  nameServers: 6,
  domainNameServers: 6,
  logServers: 7,
  domain: 15,
  rootPath: 17,
  interfaceMtu: 26,
  broadcast: 28,
  ntpServers: 42,
  vendorEncapsulatedOptions: 43,
  vendorClassIdentifier: 60,
  posixTimezone: 100,
  timezone: 101,
  classlessStaticRoute: 121,
  classlessStaticRoutes: 121,
  routes: 121,
  tftpServerAddress: 150,
  wpad: 252,
} as const;

const codesByName: ReadonlyMap<string, number> = new Map(
  Object.entries({ ...dhcpOptions, ...otherNames }).map(([name, code]) => [plainName(name), code]),
);

/** The code for a number from 1 to 254 or a name, `domainSearch` as well as `domain-search`. */
export function optionCodeOf(key: string): number | undefined {
  if (/^[1-9]\d{0,2}$/.test(key)) return Number(key) <= 254 ? Number(key) : undefined;
  return codesByName.get(plainName(key));
}

/** The names as configurations write them: `domain-search`. */
export const optionNames: readonly string[] = Object.keys({ ...dhcpOptions, ...otherNames }).map(
  (name) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
);

function plainName(name: string): string {
  return name.replaceAll(/[-_ ]/g, '').toLowerCase();
}
