import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openInterfaceSocket } from '../runtime/interface-socket.ts';
import type { DhcpFigures } from './boot-figures.ts';
import type { BootServicesDeps } from './boot-services-deps.ts';
import type { Config } from './config.ts';
import { decideDhcp } from './dhcp/decide.ts';
import type { HeardAddresses } from './dhcp/heard-addresses.ts';
import type { Leases } from './dhcp/leases.ts';
import { createMinuteCounts } from './dhcp/minute-counts.ts';
import { decideProxyDhcp } from './dhcp/proxy-dhcp.ts';
import { createRivalWatch } from './dhcp/rival-watch.ts';
import { type DhcpPort, startDhcpServer } from './dhcp/server.ts';
import { createDhcpSettings } from './dhcp/settings.ts';
import type { DhcpEvent, DhcpSettings, Situation } from './dhcp/types.ts';
import { startServerSearch } from './dhcp-server-search.ts';
import { createSettling, openAddressProbe, ownAddresses } from './dhcp-settling.ts';
import { createDiscovery, type Discovery } from './discover/discovery.ts';

export type DhcpServiceDeps = BootServicesDeps & {
  readonly leases: Leases;
  /** A proxy's. */
  readonly heard: HeardAddresses | undefined;
};

export type DhcpService = {
  /** Of this moment. */
  readonly figures: () => DhcpFigures;
  readonly discovery: Discovery;
};

/** The DHCP server or proxy on its interface; what it decides goes into the machines' stories. */
export async function startDhcp(
  { log, nodes, later, leases, heard }: DhcpServiceDeps,
  config: Config,
  mode: 'server' | 'proxy',
): Promise<DhcpService> {
  const settings = {
    ...createDhcpSettings(config.dhcp, { httpPort: config.http.listen.port }),
    hasBootFile: lookIn(join(config.state, 'tftpboot')),
    installActions: config.boot.installActions,
  };
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
  const rivals = createRivalWatch({ log });
  const probe = config.dhcp.probe ? openAddressProbe({ log, later }, settings) : undefined;
  const discovery = createDiscovery(
    { nodes, leases, probe },
    {
      settings,
      givesAddresses: mode === 'server',
      bootActions: [...config.boot.actions.keys()],
      installActions: config.boot.installActions,
      ownAddresses: ownAddresses(),
    },
  );
  later({ name: 'discovery', close: discovery.close });
  const at = async (port: 67 | 4011): Promise<DhcpPort> => ({
    port,
    ...(port === 67 ? { hear: discovery.hear } : {}),
    socket: await openInterfaceSocket({ interfaceName: settings.interface, port }),
    decide: (packet) => {
      heard?.note(packet);
      const decision =
        mode === 'server'
          ? decideDhcp(packet, situation())
          : decideProxyDhcp(packet, port, situation());
      const isExhausted = decision.kind === 'ignore' && decision.reason === 'range-exhausted';
      if (isExhausted) counts.note(decision.reason, decision.text);
      rivals.note(decision);
      return decision;
    },
  });
  const ports = mode === 'server' ? [await at(67)] : [await at(67), await at(4011)];
  const onEvent = ({ node, mac, event, text, reason }: DhcpEvent): void =>
    nodes.events.record({
      machine: node ?? mac,
      mac,
      event,
      text,
      ...(reason === undefined ? {} : { reason }),
    });
  const isAsking = mode === 'server' && probe !== undefined;
  const settle = isAsking ? createSettling({ log, probe, leases, onEvent }) : undefined;
  const dhcp = startDhcpServer({
    ports,
    leases,
    ...(settle === undefined ? {} : { settle }),
    ownAddresses: new Set([settings.address]),
    log: log.with({ area: 'dhcp' }),
    onEvent,
  });
  later({ name: 'dhcp', close: dhcp.close });
  const search = startServerSearch({ log }, { mode, settings });
  later({ name: 'search for DHCP servers', close: search.close });
  return { figures: () => ({ dropped: Object.fromEntries(dhcp.drops()) }), discovery };
}

/** At once, since an answer waits for it: a look into two folders. */
function lookIn(tftpboot: string): NonNullable<DhcpSettings['hasBootFile']> {
  return (path, node) => {
    const roots = [...(node === undefined ? [] : [join(tftpboot, 'hosts', node)]), tftpboot];
    return roots.some((root) => existsSync(join(root, path)));
  };
}
