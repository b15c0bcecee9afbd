import { networkInterfaces } from 'node:os';
import { formatAddress } from '../../protocol/dhcp/address.ts';
import { FrontendError } from '../errors.ts';
import { dhcpDefaults, networkDefaults } from './defaults.ts';
import { readPrefix } from './prefix.ts';
import { findSettingsProblems } from './settings-problems.ts';
import type { AddressRange, DhcpSettings, UnknownPolicy } from './types.ts';

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
  readonly unknown: UnknownPolicy;
};

/**
 * What the server works with, from the configuration and the interface as it is now. Throws
 * FrontendError `bad-dhcp` that says what is wrong with either.
 */
export function createDhcpSettings(
  config: DhcpConfig,
  options: { readonly httpPort: number; readonly interfaces?: typeof networkInterfaces },
): DhcpSettings {
  const { address, prefix } = addressOf(config.interface, options.interfaces ?? networkInterfaces);
  const settings: DhcpSettings = {
    ...dhcpDefaults,
    interface: config.interface,
    address,
    httpUrl: `http://${address}${options.httpPort === 80 ? '' : `:${options.httpPort}`}`,
    unknown: config.unknown,
    networks: [
      {
        ...networkDefaults,
        prefix,
        range: config.range,
        routers: config.router,
        dns: config.dns,
        domain: config.domain === '' ? undefined : config.domain,
        ntp: config.ntp,
        mtu: config.mtu === 0 ? undefined : config.mtu,
        leaseSeconds: config.leaseSeconds,
      },
    ],
  };
  const problems = findSettingsProblems(settings);
  if (problems.length === 0) return settings;
  throw new FrontendError('bad-dhcp', `dhcp: ${problems.join('; ')}`);
}

function addressOf(
  name: string,
  interfaces: typeof networkInterfaces,
): { readonly address: string; readonly prefix: string } {
  const all = interfaces();
  const entry = all[name]?.find(({ family }) => family === 'IPv4');
  const bounds = entry?.cidr ? readPrefix(entry.cidr) : undefined;
  if (entry !== undefined && bounds !== undefined) {
    return { address: entry.address, prefix: `${formatAddress(bounds.first)}/${bounds.bits}` };
  }
  const found = all[name] === undefined ? 'no such interface' : 'none on it';
  const there = Object.keys(all).join(', ');
  const expected = `expected an interface with an IPv4 address (${there})`;
  throw new FrontendError('bad-dhcp', `dhcp.interface: ${expected}, got '${name}': ${found}`);
}
