import { addressBits, formatAddress } from './address.ts';
import { type DhcpOptions, dhcpOptions } from './options.ts';

/** To `network`/`prefixLength` by way of `router`; 0.0.0.0 as the router: on the link itself. */
export type StaticRoute = {
  readonly network: string;
  /** 0 to 32. */
  readonly prefixLength: number;
  readonly router: string;
};

/** The bytes of option 121 (RFC 3442). Throws AddressError. */
export function encodeStaticRoutes(routes: readonly StaticRoute[]): Buffer {
  return Buffer.concat(
    routes.map(({ network, prefixLength, router }) => {
      const bytes = Buffer.alloc(9);
      bytes.writeUInt8(prefixLength);
      bytes.writeUInt32BE(addressBits(network), 1);
      const routerAt = 1 + significantBytes(prefixLength);
      bytes.writeUInt32BE(addressBits(router), routerAt);
      return bytes.subarray(0, routerAt + 4);
    }),
  );
}

/** Undefined when option 121 is missing, empty or not what RFC 3442 says. */
export function readStaticRoutes(options: DhcpOptions): readonly StaticRoute[] | undefined {
  const bytes = options.get(dhcpOptions.staticRoutes);
  if (bytes === undefined || bytes.length === 0) return undefined;
  const routes: StaticRoute[] = [];
  for (let at = 0; at < bytes.length; ) {
    const prefixLength = bytes.readUInt8(at);
    const routerAt = at + 1 + significantBytes(prefixLength);
    if (prefixLength > 32 || routerAt + 4 > bytes.length) return undefined;
    const network = Buffer.alloc(4);
    bytes.copy(network, 0, at + 1, routerAt);
    routes.push({
      network: formatAddress(network.readUInt32BE()),
      prefixLength,
      router: formatAddress(bytes.readUInt32BE(routerAt)),
    });
    at = routerAt + 4;
  }
  return routes;
}

/** The network's bytes behind its prefix are left out on the wire. */
function significantBytes(prefixLength: number): number {
  return Math.ceil(prefixLength / 8);
}
