import { openDatabaseToRead } from '../../runtime/database.ts';
import { databasePath } from './records.ts';
import { createRemoteOperations, NoFrontend } from './remote-operations.ts';
import { migrations } from './schema.ts';

/**
 * How many nodes of a state folder boot what next: as its frontend says, or else the database, of
 * whichever version it is; it is only read. Rejects with NodesError or DatabaseError.
 */
export async function countBootActions(state: string): Promise<ReadonlyMap<string, number>> {
  try {
    const nodes = await createRemoteOperations(state).list();
    const byAction = Map.groupBy(nodes, ({ bootAction }) => bootAction);
    return new Map([...byAction].map(([action, those]) => [action, those.length]));
  } catch (error) {
    if (!(error instanceof NoFrontend)) throw error;
    return countInDatabase(databasePath(state));
  }
}

function countInDatabase(path: string): ReadonlyMap<string, number> {
  const database = openDatabaseToRead({ path, migrations, waitMs: 2_000 });
  if (database === undefined) return new Map();
  try {
    const rows = database.all('SELECT boot_action, count(*) AS count FROM nodes GROUP BY 1');
    return new Map(rows.map((row) => [String(row.boot_action), Number(row.count)]));
  } finally {
    database.close();
  }
}
