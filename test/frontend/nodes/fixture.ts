import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { builtInBootActions } from '../../../src/frontend/nodes/boot-actions.ts';
import { migrations } from '../../../src/frontend/nodes/schema.ts';
import { createNodeStore } from '../../../src/frontend/nodes/store.ts';
import { openDatabase } from '../../../src/runtime/database.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A connection to a database that may be another's too. */
export function openNodesDatabase(t: ExecutionContext, path: string) {
  const database = openDatabase({ path, migrations, isDurable: false, waitMs: 1_000 });
  t.teardown(() => database.close());
  return database;
}

/** A store on a file of its own, or on one that is there. */
export async function openStore(t: ExecutionContext, place?: string, nowMs = Date.now) {
  const path = place ?? join(await temporaryFolder(t), 'scree.db');
  const database = openNodesDatabase(t, path);
  const store = createNodeStore({ database, nowMs }, { bootActions: builtInBootActions });
  return { path, database, store };
}

/** From now on nothing can be written of nodes, as if the disk were full; what is returned ends that. */
export function fillDisk(t: ExecutionContext, path: string): () => void {
  const database = openNodesDatabase(t, path);
  const text = "SELECT RAISE(ABORT, 'database or disk is full')";
  for (const what of ['INSERT', 'UPDATE', 'DELETE']) {
    database.run(`CREATE TRIGGER full_${what} BEFORE ${what} ON nodes BEGIN ${text}; END`);
  }
  return () => {
    for (const what of ['INSERT', 'UPDATE', 'DELETE']) database.run(`DROP TRIGGER full_${what}`);
  };
}

/** A MAC address for every number. */
export function macOf(number: number): string {
  const hex = number.toString(16).padStart(6, '0');
  return `52:54:00:${hex.replaceAll(/..(?!$)/g, '$&:')}`;
}
