import { formatAddress } from '../../protocol/dhcp/address.ts';
import {
  type DhcpOptions,
  dhcpOptions,
  encodeAddress,
  encodeAddresses,
  encodeText,
  encodeUint16,
} from '../../protocol/dhcp/options.ts';
import { encodeStaticRoutes, type StaticRoute } from '../../protocol/dhcp/static-routes.ts';
import { boundsOf } from './network.ts';
import type { DhcpNetwork } from './types.ts';

const encoded = new WeakMap<DhcpNetwork, DhcpOptions>();

/** All that the configuration says about a network, encoded. */
export function networkOptions(network: DhcpNetwork): DhcpOptions {
  const known = encoded.get(network);
  if (known !== undefined) return known;
  const options = encodeNetwork(network);
  encoded.set(network, options);
  return options;
}

/** Option 121: none, or all routes of the network, the default route among them. */
export function routesOf({ staticRoutes, routers }: DhcpNetwork): readonly StaticRoute[] {
  if (staticRoutes.length === 0) return [];
  const hasDefault = staticRoutes.some(({ prefixLength }) => prefixLength === 0);
  // Who understands option 121 does not look at option 3 any more (RFC 3442).
  const [router] = hasDefault ? [] : routers;
  if (router === undefined) return staticRoutes;
  return [...staticRoutes, { network: '0.0.0.0', prefixLength: 0, router }];
}

function encodeNetwork(network: DhcpNetwork): DhcpOptions {
  const { routers, dns, domain, ntp, mtu } = network;
  const { last, mask } = boundsOf(network);
  const options = new Map<number, Buffer>([
    [dhcpOptions.subnetMask, encodeAddress(mask)],
    [dhcpOptions.broadcastAddress, encodeAddress(formatAddress(last))],
  ]);
  const routes = routesOf(network);
  if (routers.length > 0) options.set(dhcpOptions.router, encodeAddresses(routers));
  if (dns.length > 0) options.set(dhcpOptions.dns, encodeAddresses(dns));
  if (domain !== undefined) options.set(dhcpOptions.domainName, encodeText(domain));
  if (ntp.length > 0) options.set(dhcpOptions.ntp, encodeAddresses(ntp));
  if (mtu !== undefined) options.set(dhcpOptions.mtu, encodeUint16(mtu));
  if (routes.length > 0) options.set(dhcpOptions.staticRoutes, encodeStaticRoutes(routes));
  for (const [code, value] of network.options) options.set(code, value);
  return options;
}
