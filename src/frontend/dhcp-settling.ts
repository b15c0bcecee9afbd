import { networkInterfaces } from 'node:os';
import { openArpSocket } from '../runtime/arp-socket.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Service } from '../runtime/lifecycle.ts';
import type { Log } from '../runtime/log.ts';
import { type AddressProbe, createAddressProbe } from './dhcp/address-probe.ts';
import { decideFreeAddress } from './dhcp/free-address.ts';
import type { Leases } from './dhcp/leases.ts';
import { createMinuteCounts } from './dhcp/minute-counts.ts';
import type { Decision, DhcpEvent, DhcpSettings } from './dhcp/types.ts';

type Deps = {
  readonly log: Log;
  readonly leases: Leases;
  readonly onEvent: (event: DhcpEvent) => void;
  readonly later: (service: Service) => void;
};

/**
 * How decisions are settled: addresses are asked about before they are given away. Undefined, and a
 * warning, where the interface cannot be asked on.
 */
export function createSettling(
  { log, leases, onEvent, later }: Deps,
  settings: Pick<DhcpSettings, 'interface' | 'address'>,
): ((decide: () => Decision) => Promise<Decision>) | undefined {
  const counts = createMinuteCounts({
    tell: ({ name, text, count }) => log.warn(name, { reason: text, count }),
    clockMs: Date.now,
  });
  const probe = openProbe(log, settings, (text) => counts.note('address not asked about', text));
  if (probe === undefined) return undefined;
  later({ name: 'address probe', close: async () => probe.close() });
  const deps = { probe, leases, onEvent, clockMs: Date.now };
  return (decide) =>
    decideFreeAddress(
      {
        ...deps,
        onInUse: ({ address, mac, event }) =>
          log.warn('address in use', { ip: address, usedBy: mac, reason: event.text }),
        onDisbelieved: ({ address, mac }) =>
          counts.note(
            'address given away though it is answered for',
            `${mac} answers for ${address}, as it did for many others: is it a router with proxy ARP?`,
          ),
      },
      decide,
    );
}

function openProbe(
  log: Log,
  { interface: interfaceName, address }: Pick<DhcpSettings, 'interface' | 'address'>,
  onTrouble: (text: string) => void,
): AddressProbe | undefined {
  const interfaces = networkInterfaces();
  const mac = interfaces[interfaceName]?.[0]?.mac ?? '';
  const all = Object.values(interfaces).flatMap((entries) => entries ?? []);
  const ownAddresses = new Set(all.map((entry) => entry.address));
  try {
    const arp = openArpSocket({ interfaceName });
    return createAddressProbe({ arp, onTrouble }, { own: { address, mac }, ownAddresses });
  } catch (error) {
    const consequence = 'addresses are given away without asking who uses them';
    log.warn('no ARP', { reason: messageOf(error), consequence });
    return undefined;
  }
}
