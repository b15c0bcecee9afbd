import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../runtime/database.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { AttributeLayers } from '../attributes/layers.ts';
import { knownSecrets } from '../attributes/secrets.ts';
import { readAttributes, writeAttributes } from '../attributes/store.ts';
import { createAuditTrail } from '../audit/trail.ts';
import { indexOf } from '../nodes/node-index.ts';
import { readNodes } from '../nodes/node-rows.ts';
import { databasePath } from '../nodes/records.ts';
import { migrations } from '../nodes/schema.ts';
import { selectNodes } from '../nodes/selection.ts';
import { createNodeStore } from '../nodes/store.ts';
import { localOperator } from '../operators/local-operator.ts';
import { createProfiles, shippedProfiles } from '../profiles/main.ts';
import { NodeFileError, throwProblems } from './errors.ts';
import { type ExportReport, exportNodes } from './export.ts';
import { type ImportStep, planImport } from './plan-import.ts';
import { type NodeSource, readSources } from './sources.ts';
import type { NodeEntries, NodeFileFormat } from './types.ts';

export type NodeFilesConfig = {
  readonly state: string;
  /** Where profiles are looked for before those that come with the program. */
  readonly profileFolders?: readonly string[];
};

export type ImportOptions = {
  /** Nodes that are there already may be in it. */
  readonly isUpdate: boolean;
  readonly isDryRun: boolean;
};

export type ImportReport = {
  readonly steps: readonly ImportStep[];
  /** Lines about something else. */
  readonly skippedCount: number;
};

/** Lists of a state folder's machines as files, whether its frontend runs or not. */
export type NodeFiles = {
  /** All of it in one transaction or, with NodeFileError that names the lines, nothing. */
  readonly import: (sources: readonly NodeSource[], options: ImportOptions) => ImportReport;
  /** All nodes, or those of a selection. Throws NodesError. */
  readonly export: (
    selection: readonly string[] | undefined,
    format: NodeFileFormat,
  ) => ExportReport;
};

export function createNodeFiles({ state, profileFolders }: NodeFilesConfig): NodeFiles {
  const own = profileFolders ?? [join(state, 'profiles')];
  const profiles = createProfiles({ folders: [...own, shippedProfiles] });
  const secretsOf = (layers: AttributeLayers) => knownSecrets(layers, profiles);
  return {
    import: (sources, options) => {
      const read = readSources(sources);
      const path = options.isDryRun ? readPath(state) : databasePath(state);
      const steps = using(path, (database) =>
        importEntries(read, { database, secretsOf, ...options }),
      );
      return { steps, skippedCount: read.skippedCount };
    },
    export: (selection, format) =>
      using(readPath(state), (database) =>
        database.transaction(() => {
          const nodes = indexOf(readNodes(database));
          const chosen = selection === undefined ? nodes.all() : selectNodes(nodes, selection);
          const layers = readAttributes(database);
          return exportNodes(chosen, { format, layers, secrets: secretsOf(layers) });
        }),
      ),
  };
}

/** Rejects with NodeFileError `unreadable`. */
export async function readNodeFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const message = `expected a file of machines '${path}', got: ${messageOf(cause)}`;
    throw new NodeFileError('unreadable', message, { cause });
  }
}

type ImportDeps = ImportOptions & {
  readonly database: Database;
  readonly secretsOf: (layers: AttributeLayers) => ReadonlySet<string>;
};

function importEntries(
  read: NodeEntries,
  { database, secretsOf, isUpdate, isDryRun }: ImportDeps,
): readonly ImportStep[] {
  const audit = createAuditTrail({ database, usual: localOperator() });
  const store = createNodeStore({ database, onWrite: audit.nodesChanged }, { bootActions: [] });
  const plan = () => {
    const layers = readAttributes(database);
    const secrets = secretsOf(layers);
    const input = { nodes: store, layers, secrets, isUpdate, nowMs: Date.now() };
    const planned = planImport(read.entries, input);
    throwProblems([...read.problems, ...planned.problems]);
    return planned;
  };
  if (isDryRun) return plan().steps;
  let steps: readonly ImportStep[] = [];
  store.change(() => {
    const planned = plan();
    steps = planned.steps;
    writeAttributes(database, planned.attributeChanges);
    audit.attributesChanged(database, planned.attributeChanges);
    return planned.changes;
  });
  return steps;
}

/** To look is no reason to make a state folder. */
function readPath(state: string): string {
  const path = databasePath(state);
  return existsSync(path) ? path : ':memory:';
}

function using<Result>(path: string, work: (database: Database) => Result): Result {
  const database = openDatabase({ path, migrations, isDurable: true, waitMs: 2_000 });
  try {
    return work(database);
  } finally {
    database.close();
  }
}
