import { readFile } from 'node:fs/promises';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { isLive, type Lease, type LeaseView } from './lease.ts';
import { LeaseError } from './lease-error.ts';
import { LeaseJournal } from './lease-journal.ts';
import { decodeLeaseLines, encodeLeaseLine, type LeaseLines } from './lease-line.ts';
import { LeaseTable } from './lease-table.ts';

/** How long it is remembered who had an address. */
const rememberedMs = 30 * 24 * 3_600_000;

export type Leases = LeaseView & {
  readonly all: () => readonly Lease[];
  /**
   * Takes the lease of a decision in at once, and resolves when it survives whatever happens: only
   * then may the reply leave. Offers are kept in memory only. Rejects with LeaseError.
   */
  readonly commit: (lease: Lease) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The leases of a file, which is made where it is missing. Throws LeaseError. */
export async function openLeases(
  deps: { readonly log: Log; readonly clockMs?: () => number },
  config: { readonly path: string },
): Promise<Leases> {
  const { log, clockMs = Date.now } = deps;
  const table = new LeaseTable();
  const { leases, damagedCount } = await readLeaseFile(config.path);
  for (const lease of leases) table.put(lease);
  // One cut line is what a killed process leaves; its answer was never sent.
  if (damagedCount > 0) log.warn('lease lines left out', { path: config.path, damagedCount });
  const journal = new LeaseJournal({
    path: config.path,
    render: () => linesOf(table, clockMs()),
  });
  await journal.rewrite();
  return {
    at: table.at,
    of: table.of,
    pick: table.pick,
    all: table.all,
    commit: (lease) => commit(table, journal, lease),
    close: () => journal.close(),
  };
}

/** What a lease file says, whoever writes to it. Throws LeaseError `unreadable`. */
export async function readLeaseFile(path: string): Promise<LeaseLines> {
  try {
    return decodeLeaseLines(await readFile(path, 'utf8'));
  } catch (cause) {
    if (hasErrorCode(cause, 'ENOENT')) return { leases: [], damagedCount: 0 };
    const message = `expected to read the leases from '${path}', got: ${messageOf(cause)}`;
    throw new LeaseError('unreadable', message, { cause });
  }
}

async function commit(table: LeaseTable, journal: LeaseJournal, lease: Lease): Promise<void> {
  const before = table.at(lease.address);
  if (lease.state === 'released' && before?.state === 'offered') {
    table.remove(lease.address);
    return;
  }
  table.put(lease);
  if (lease.state !== 'offered') await journal.add(encodeLeaseLine(lease));
}

function linesOf(table: LeaseTable, nowMs: number): readonly string[] {
  const kept = table
    .all()
    .filter((lease) => isLive(lease, nowMs) || lease.untilMs > nowMs - rememberedMs);
  // An offer may stand where the same client's lease has not ended yet.
  return kept.map((lease) =>
    encodeLeaseLine(lease.state === 'offered' ? { ...lease, state: 'bound' } : lease),
  );
}
