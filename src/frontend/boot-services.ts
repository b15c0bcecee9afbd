import { join } from 'node:path';
import { isBootProbe } from '../protocol/boot-config-name.ts';
import { openInterfaceSocket } from '../runtime/interface-socket.ts';
import type { Service } from '../runtime/lifecycle.ts';
import type { ListenAddress } from '../runtime/listen-address.ts';
import type { Log } from '../runtime/log.ts';
import { isWildcard } from '../tracker/address.ts';
import { createLocalAddresses } from '../tracker/local-address.ts';
import { generateBootFile } from './boot/generated.ts';
import { type BootActions, builtInActions } from './boot/plan-boot.ts';
import { type BootRoots, createBootRoots } from './boot/roots.ts';
import { createTftpDoor } from './boot/tftp-door.ts';
import type { Config } from './config.ts';
import { decideDhcp } from './dhcp/decide.ts';
import { openLeases } from './dhcp/leases.ts';
import { createMinuteCounts } from './dhcp/minute-counts.ts';
import { decideProxyDhcp } from './dhcp/proxy-dhcp.ts';
import { type DhcpPort, startDhcpServer } from './dhcp/server.ts';
import { createDhcpSettings } from './dhcp/settings.ts';
import type { Situation } from './dhcp/types.ts';
import { listening } from './listening.ts';
import type { NodeRecords } from './nodes/records.ts';
import { startTftpServer } from './tftp/server.ts';
import type { TftpTransferEvent } from './tftp/types.ts';

export type BootServicesDeps = {
  readonly log: Log;
  readonly nodes: NodeRecords;
  /** Called with each part as soon as it runs. */
  readonly later: (service: Service) => void;
};

const installer = { kernel: 'debian/linux', initrds: ['debian/initrd'] };

/**
 * Starts what answers machines from power-on to kernel: DHCP and TFTP, as far as they are
 * configured. What each machine is sent is made from its node at that moment.
 */
export async function startBootServices(
  deps: BootServicesDeps,
  config: Config,
): Promise<BootRoots> {
  const roots = createRoots(config.state, builtInActions(installer));
  await startTftp(deps, roots, config);
  if (config.dhcp.mode !== 'off') await startDhcp(deps, config, config.dhcp.mode);
  return roots;
}

function createRoots(state: string, actions: BootActions): BootRoots {
  return createBootRoots(
    { generate: (node, path, access) => generateBootFile({ node, path, access }, { actions }) },
    { folder: join(state, 'tftpboot') },
  );
}

async function startTftp(
  { log, nodes, later }: BootServicesDeps,
  roots: BootRoots,
  config: Config,
): Promise<void> {
  const { listen } = config.tftp;
  if (listen === 'off') return;
  const serverFor = createServerNames(listen, config.http.listen);
  const open = createTftpDoor({ roots, nodes: nodes.store, serverFor });
  const onEvent = (event: TftpTransferEvent) => recordTransfer(nodes, event);
  const tftp = await listening('tftp.listen', listen, () =>
    startTftpServer({ log: log.with({ area: 'tftp' }), open, onEvent }, listen),
  );
  later({ name: 'tftp', close: tftp.close });
}

/** HTTP is at the address at which a machine reached TFTP. */
function createServerNames(tftp: ListenAddress, http: ListenAddress): (client: string) => string {
  const localAddress = createLocalAddresses({ nowMs: () => performance.now() });
  const port = http.port === 80 ? '' : `:${http.port}`;
  return (client) => {
    const host = isWildcard(tftp.host) ? localAddress(client) : undefined;
    return `${host ?? tftp.host}${port}`;
  };
}

function recordTransfer({ store, events }: NodeRecords, event: TftpTransferEvent): void {
  const node = store.byAddress(event.client);
  if (node === undefined) return;
  const { outcome, path, reason, sizeBytes, elapsedMs } = event;
  if (outcome === 'refused' && isBootProbe(path)) return;
  events.record({
    machine: node.name,
    event: 'tftp',
    text: outcome === 'complete' ? 'sent' : outcome,
    path,
    elapsedMs,
    ...(reason === undefined ? {} : { reason }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  });
}

async function startDhcp(
  { log, nodes, later }: BootServicesDeps,
  config: Config,
  mode: 'server' | 'proxy',
): Promise<void> {
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
}
