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
  readonly probe: AddressProbe;
  readonly leases: Leases;
  readonly onEvent: (event: DhcpEvent) => void;
};

/** How decisions are settled: addresses are asked about before they are given away. */
export function createSettling({
  log,
  probe,
  leases,
  onEvent,
}: Deps): (decide: () => Decision) => Promise<Decision> {
  const counts = warningCounts(log);
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

/** Undefined, and a warning, where the interface cannot be asked on. */
export function openAddressProbe(
  { log, later }: { readonly log: Log; readonly later: (service: Service) => void },
  { interface: interfaceName, address }: Pick<DhcpSettings, 'interface' | 'address'>,
): AddressProbe | undefined {
  const counts = warningCounts(log);
  const onTrouble = (text: string) => counts.note('address not asked about', text);
  const mac = networkInterfaces()[interfaceName]?.[0]?.mac ?? '';
  try {
    const arp = openArpSocket({ interfaceName });
    const own = { address, mac };
    const probe = createAddressProbe({ arp, onTrouble }, { own, ownAddresses: ownAddresses() });
    later({ name: 'address probe', close: async () => probe.close() });
    return probe;
  } catch (error) {
    const consequence = 'addresses are given away without asking who uses them';
    log.warn('no ARP', { reason: messageOf(error), consequence });
    return undefined;
  }
}

/** All that this machine has. */
export function ownAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return new Set(all.map((entry) => entry.address));
}

function warningCounts(log: Log) {
  return createMinuteCounts({
    tell: ({ name, text, count }) => log.warn(name, { reason: text, count }),
    clockMs: Date.now,
  });
}
