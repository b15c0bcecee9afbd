import { join } from 'node:path';
import { openInterfaceSocket } from '../runtime/interface-socket.ts';
import type { DhcpFigures } from './boot-figures.ts';
import type { BootServicesDeps } from './boot-services-deps.ts';
import type { Config } from './config.ts';
import { decideDhcp } from './dhcp/decide.ts';
import { openLeases } from './dhcp/leases.ts';
import { createMinuteCounts } from './dhcp/minute-counts.ts';
import { decideProxyDhcp } from './dhcp/proxy-dhcp.ts';
import { type DhcpPort, startDhcpServer } from './dhcp/server.ts';
import { createDhcpSettings } from './dhcp/settings.ts';
import type { Situation } from './dhcp/types.ts';

/**
 * The DHCP server or proxy on its interface; what it decides goes into the machines' stories.
 * Resolves with what tells the figures of a moment.
 */
export async function startDhcp(
  { log, nodes, later }: BootServicesDeps,
  config: Config,
  mode: 'server' | 'proxy',
): Promise<() => DhcpFigures> {
  const settings = createDhcpSettings(config.dhcp, { httpPort: config.http.listen.port });
  const leases = await openLeases({ log }, { path: join(config.state, 'leases') });
  later({ name: 'leases', close: leases.close });
  const situation = (): Situation => ({
    settings,
    nodes: nodes.store,
    leases,
    nowMs: Date.now(),
  });
  const counts = createMinuteCounts({
    tell: ({ text, count }) => log.warn('no address to give', { reason: text, count }),
    clockMs: Date.now,
  });
  const at = async (port: 67 | 4011): Promise<DhcpPort> => ({
    port,
    socket: await openInterfaceSocket({ interfaceName: settings.interface, port }),
    decide: (packet) => {
      const decision =
        mode === 'server'
          ? decideDhcp(packet, situation())
          : decideProxyDhcp(packet, port, situation());
      const isExhausted = decision.kind === 'ignore' && decision.reason === 'range-exhausted';
      if (isExhausted) counts.note(decision.reason, decision.text);
      return decision;
    },
  });
  const ports = mode === 'server' ? [await at(67)] : [await at(67), await at(4011)];
  const dhcp = startDhcpServer({
    ports,
    leases,
    log: log.with({ area: 'dhcp' }),
    onEvent: ({ node, mac, event, text, reason }) =>
      nodes.events.record({
        machine: node ?? mac,
        mac,
        event,
        text,
        ...(reason === undefined ? {} : { reason }),
      }),
  });
  later({ name: 'dhcp', close: dhcp.close });
  return () => ({ dropped: Object.fromEntries(dhcp.drops()) });
}
