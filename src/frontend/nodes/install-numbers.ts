import type { Database } from '../../runtime/database.ts';
import type { NodeChange } from './node-index.ts';

/**
 * Gives each install that begins with these changes its number: one that no install of any node
 * ever had, also of nodes that were removed; its token is made from it. To be called in the
 * transaction of the changes. Throws DatabaseError.
 */
export function numberInstalls(
  database: Database,
  changes: readonly NodeChange[],
): readonly NodeChange[] {
  if (!changes.some(beginsInstall)) return changes;
  let last = Number(database.all('SELECT value FROM install_counter')[0]?.value);
  const numbered = changes.map((change) => {
    const { before, after } = change;
    if (after === undefined || !beginsInstall(change)) return change;
    last += 1;
    return { before, after: { ...after, installNumber: last } };
  });
  database.run('UPDATE install_counter SET value = ?', last);
  return numbered;
}

function beginsInstall({ before, after }: NodeChange): boolean {
  return (after?.installNumber ?? 0) > (before?.installNumber ?? 0);
}
