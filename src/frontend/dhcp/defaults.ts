import type { DhcpClientKind } from '../../protocol/dhcp/client.ts';
import { defaultBootFiles } from './boot-file.ts';
import type { DhcpNetwork, DhcpSettings } from './types.ts';

/** Every kind of client; an installed MacOS is none of them. */
export const clientKinds: readonly DhcpClientKind[] = [
  ...(['pxe', 'http-boot', 'ipxe', 'open-firmware', 'installer', 'bootp', 'other'] as const),
];

/** What holds where the configuration says nothing. */
export const dhcpDefaults = {
  clientClasses: clientKinds,
  unknown: 'ignore',
  rolesWithoutBoot: ['switch', 'pdu', 'bmc'],
  bootFiles: defaultBootFiles,
} as const satisfies Partial<DhcpSettings>;

/** A network of reservations only. */
export const networkDefaults = {
  range: undefined,
  routers: [],
  dns: [],
  domain: undefined,
  ntp: [],
  mtu: undefined,
  staticRoutes: [],
  options: new Map(),
  leaseSeconds: 1200,
} as const satisfies Partial<DhcpNetwork>;
