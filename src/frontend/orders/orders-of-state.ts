import { existsSync } from 'node:fs';
import { openDatabase } from '../../runtime/database.ts';
import { databasePath } from '../nodes/records.ts';
import { migrations } from '../nodes/schema.ts';
import { createOrderRows, type StoredOrder } from './order-rows.ts';

/**
 * What was learnt in a state folder of a tree, whether its frontend runs or not: one order for each
 * role, by the roles' names. Throws DatabaseError.
 */
export function readOrdersOf(state: string, tree: string): readonly StoredOrder[] {
  const path = databasePath(state);
  if (!existsSync(path)) return [];
  const database = openDatabase({ path, migrations, isDurable: false, waitMs: 2_000 });
  try {
    return createOrderRows({ database })
      .read()
      .filter((order) => order.tree === tree)
      .sort((one, other) => (one.role < other.role ? -1 : 1));
  } finally {
    database.close();
  }
}
