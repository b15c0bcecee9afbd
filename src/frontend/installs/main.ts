import { openDatabaseToRead } from '../../runtime/database.ts';
import { createNodes } from '../nodes/main.ts';
import { databasePath } from '../nodes/records.ts';
import { migrations } from '../nodes/schema.ts';
import { readInstallLog } from './install-logs.ts';

/** The end of an installer's log; empty where none was told of the node's latest install. */
export type ShownInstallLog = {
  readonly node: string;
  readonly installNumber: number;
  readonly text: string;
};

/** From the state folder, whether its frontend runs or not. Rejects as `show` of NodesOfState. */
export async function showInstallLog(state: string, name: string): Promise<ShownInstallLog> {
  const node = await createNodes({ state }).show(name);
  const database = openDatabaseToRead({ path: databasePath(state), migrations, waitMs: 2_000 });
  try {
    const text = database === undefined ? '' : readInstallLog(database, node);
    return { node: node.name, installNumber: node.installNumber, text };
  } finally {
    database?.close();
  }
}
