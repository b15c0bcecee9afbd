import type { ListenAddress } from '../runtime/listen-address.ts';
import { isWildcard } from '../tracker/address.ts';
import { createLocalAddresses } from '../tracker/local-address.ts';
import type { BootRoots } from './boot/roots.ts';
import { type BootTransfer, createTransferStory } from './boot/story.ts';
import { createTftpDoor } from './boot/tftp-door.ts';
import type { Who } from './boot/who.ts';
import type { TftpFigures } from './boot-figures.ts';
import type { BootServicesDeps } from './boot-services-deps.ts';
import type { Config } from './config.ts';
import { listening } from './listening.ts';
import { startTftpThread } from './tftp/thread/start-thread.ts';
import type { TftpOutcome, TftpTransferEvent } from './tftp/types.ts';

export type TftpServiceDeps = BootServicesDeps & { readonly roots: BootRoots; readonly who: Who };

/**
 * The TFTP server, if one is configured; what each machine fetched goes into its story. Resolves
 * with what tells the figures of a moment.
 */
export async function startTftp(
  { log, nodes, installs, later, roots, who }: TftpServiceDeps,
  config: Config,
): Promise<(() => TftpFigures) | undefined> {
  const { listen } = config.tftp;
  if (listen === 'off') return undefined;
  const serverFor = createServerNames(listen, config.http.listen);
  const story = createTransferStory({ events: nodes.events, heard: installs.heard });
  const open = createTftpDoor({ roots, who, serverFor, onWarning: story.expect });
  const ended: Partial<Record<TftpOutcome, number>> = {};
  let sentBytes = 0;
  const onEvent = (event: TftpTransferEvent) => {
    ended[event.outcome] = (ended[event.outcome] ?? 0) + 1;
    sentBytes += event.sentBytes;
    story.tell(who(event.client), transferOf(event));
  };
  const tftp = await listening('tftp.listen', listen, () =>
    startTftpThread({ log: log.with({ area: 'tftp' }), open, onEvent }, listen),
  );
  later({ name: 'tftp', close: tftp.close });
  return () => {
    const { transfers, drops } = tftp.counts();
    const transfersEnded = { ...ended };
    return { transfersRunning: transfers, transfersEnded, sentBytes, dropped: drops };
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

function transferOf({ outcome, ...event }: TftpTransferEvent): BootTransfer {
  const { path, reason, sizeBytes, elapsedMs } = event;
  const text = outcome === 'complete' ? 'sent' : outcome;
  return { event: 'tftp', text, path, elapsedMs, sizeBytes, reason };
}
