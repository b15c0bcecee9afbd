import { networkInterfaces } from 'node:os';
import { formatAddress } from '../../protocol/dhcp/address.ts';
import type { DhcpOptions } from '../../protocol/dhcp/options.ts';
import type { StaticRoute } from '../../protocol/dhcp/static-routes.ts';
import { linkState } from '../../runtime/link-state.ts';
import { renderPath } from '../config-problem.ts';
import { FrontendError } from '../errors.ts';
import { proxyBootFiles } from './boot-file.ts';
import { dhcpDefaults } from './defaults.ts';
import { readPrefix } from './prefix.ts';
import { findSettingsProblems, type SettingsProblem } from './settings-problems.ts';
import type {
  AddressRange,
  BootFileRule,
  DhcpNetwork,
  DhcpSettings,
  UnknownPolicy,
} from './types.ts';

/** The section `dhcp:` of the configuration. */
export type DhcpConfig = {
  readonly mode: 'off' | 'server' | 'proxy';
  readonly interface: string;
  readonly range: AddressRange | undefined;
  readonly router: readonly string[];
  readonly dns: readonly string[];
  readonly domain: string;
  readonly ntp: readonly string[];
  /** 0: not told. */
  readonly mtu: number;
  readonly leaseSeconds: number;
  readonly routes: readonly StaticRoute[];
  /** Any others by code. */
  readonly options: DhcpOptions;
  readonly unknown: UnknownPolicy;
  /** Which clients are answered: see DhcpSettings. */
  readonly classes: readonly string[];
  readonly rolesWithoutBoot: readonly string[];
  /** Whether it is asked if an address is in use before it is given away. */
  readonly probe: boolean;
  /** Those behind relay agents, with what they take over from this section. */
  readonly networks: readonly DhcpNetwork[];
  /** They go before the defaults. */
  readonly bootFiles: readonly BootFileRule[];
  /** `scree.yaml:5:10`: where the value under these keys, or its nearest parent, stands. */
  readonly placeOf?: (path: readonly string[]) => string;
};

/**
 * What the server works with, from the configuration and the interface as it is now. Throws
 * FrontendError `bad-dhcp` that says what is wrong with either, a line each.
 */
export function createDhcpSettings(
  config: DhcpConfig,
  options: { readonly httpPort: number; readonly interfaces?: typeof networkInterfaces },
): DhcpSettings {
  const { address, prefix } = addressOf(config, options.interfaces ?? networkInterfaces);
  const settings: DhcpSettings = {
    interface: config.interface,
    address,
    httpUrl: `http://${address}${options.httpPort === 80 ? '' : `:${options.httpPort}`}`,
    unknown: config.unknown,
    clientClasses: config.classes,
    rolesWithoutBoot: config.rolesWithoutBoot,
    bootFiles: [...config.bootFiles, ...defaultsOf(config)],
    networks: [homeNetwork(config, prefix), ...config.networks],
  };
  const problems = findSettingsProblems(settings);
  if (problems.length === 0) return settings;
  throw badDhcp(config, problems);
}

function defaultsOf({ mode }: DhcpConfig): readonly BootFileRule[] {
  return mode === 'proxy' ? proxyBootFiles : dhcpDefaults.bootFiles;
}

function homeNetwork(config: DhcpConfig, prefix: string): DhcpNetwork {
  return {
    prefix,
    range: config.range,
    routers: config.router,
    dns: config.dns,
    domain: config.domain === '' ? undefined : config.domain,
    ntp: config.ntp,
    mtu: config.mtu === 0 ? undefined : config.mtu,
    staticRoutes: config.routes,
    options: config.options,
    leaseSeconds: config.leaseSeconds,
  };
}

function addressOf(
  config: DhcpConfig,
  interfaces: typeof networkInterfaces,
): { readonly address: string; readonly prefix: string } {
  const { interface: name } = config;
  const all = interfaces();
  const entry = all[name]?.find(({ family }) => family === 'IPv4');
  const bounds = entry?.cidr ? readPrefix(entry.cidr) : undefined;
  if (entry !== undefined && bounds !== undefined) {
    return { address: entry.address, prefix: `${formatAddress(bounds.first)}/${bounds.bits}` };
  }
  const there = Object.keys(all).join(', ');
  const found = all[name] === undefined ? whyNotListed(name) : 'none on it';
  const message = `expected an interface with an IPv4 address (${there}), got '${name}': ${found}`;
  throw badDhcp(config, [{ path: ['dhcp', 'interface'], message }]);
}

/** Those without addresses, or that do not run, are not among the system's list. */
function whyNotListed(name: string): string {
  const state = name === '' ? undefined : linkState(name);
  switch (state) {
    case undefined:
      return 'no such interface';
    case 'down':
      return `it is down: ip link set ${name} up`;
    case 'no-carrier':
      return `it has no carrier: connect its cable, or switch on what is at the other end`;
    case 'up':
      return `none on it: ip address add 10.1.1.1/16 dev ${name}`;
  }
}

function badDhcp(config: DhcpConfig, problems: readonly SettingsProblem[]): FrontendError {
  const lines = problems.map(({ path, message }) => {
    const place = config.placeOf === undefined ? '' : `${config.placeOf(path)}: `;
    return `${place}${renderPath(path)}: ${message}`;
  });
  return new FrontendError('bad-dhcp', lines.join('\n'));
}
