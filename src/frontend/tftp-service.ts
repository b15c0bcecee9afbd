import { isBootProbe } from '../protocol/boot-config-name.ts';
import type { ListenAddress } from '../runtime/listen-address.ts';
import { isWildcard } from '../tracker/address.ts';
import { createLocalAddresses } from '../tracker/local-address.ts';
import type { BootRoots } from './boot/roots.ts';
import { createTftpDoor } from './boot/tftp-door.ts';
import type { TftpFigures } from './boot-figures.ts';
import type { BootServicesDeps } from './boot-services-deps.ts';
import type { Config } from './config.ts';
import { listening } from './listening.ts';
import type { NodeRecords } from './nodes/records.ts';
import { startTftpServer } from './tftp/server.ts';
import type { TftpOutcome, TftpTransferEvent } from './tftp/types.ts';

/**
 * The TFTP server, if one is configured; what each machine fetched goes into its story. Resolves
 * with what tells the figures of a moment.
 */
export async function startTftp(
  { log, nodes, later }: BootServicesDeps,
  roots: BootRoots,
  config: Config,
): Promise<(() => TftpFigures) | undefined> {
  const { listen } = config.tftp;
  if (listen === 'off') return undefined;
  const serverFor = createServerNames(listen, config.http.listen);
  const open = createTftpDoor({ roots, nodes: nodes.store, serverFor });
  const ended: Partial<Record<TftpOutcome, number>> = {};
  const onEvent = (event: TftpTransferEvent) => {
    ended[event.outcome] = (ended[event.outcome] ?? 0) + 1;
    recordTransfer(nodes, event);
  };
  const tftp = await listening('tftp.listen', listen, () =>
    startTftpServer({ log: log.with({ area: 'tftp' }), open, onEvent }, listen),
  );
  later({ name: 'tftp', close: tftp.close });
  return () => {
    const { transfers, drops } = tftp.counts();
    return { transfersRunning: transfers, transfersEnded: { ...ended }, dropped: drops };
  };
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
