import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { type FoundServer, findDhcpServers } from './dhcp/find-servers.ts';
import type { DhcpSettings } from './dhcp/types.ts';

/**
 * Looks once, in the background, who else gives addresses on the wire: beside a server nobody
 * should, beside a proxy somebody has to. What is found is a warning in the log.
 */
export function startServerSearch(
  { log }: { readonly log: Log },
  at: {
    readonly mode: 'server' | 'proxy';
    readonly settings: Pick<DhcpSettings, 'interface' | 'address'>;
  },
): { readonly close: () => Promise<void> } {
  const { interface: interfaceName, address: ownAddress } = at.settings;
  const abort = new AbortController();
  const search = findDhcpServers({ interfaceName, ownAddress, signal: abort.signal }).then(
    (found) => tell(log, at.mode, found),
    (error: unknown) => {
      if (abort.signal.aborted) return;
      log.warn('could not look for other DHCP servers', { reason: messageOf(error) });
    },
  );
  return {
    close: () => {
      abort.abort();
      return search;
    },
  };
}

function tell(log: Log, mode: 'server' | 'proxy', found: readonly FoundServer[]): void {
  if (mode === 'proxy') {
    if (found.length > 0) return;
    const advice = 'start one, or set dhcp.mode: server';
    log.warn('no DHCP server gives addresses here, and a proxy gives none', { advice });
    return;
  }
  for (const { server, offered } of found) {
    const advice = 'switch it off on this wire, or set dhcp.mode: proxy';
    log.warn('another DHCP server answers here', { server, offered, advice });
  }
}
