import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../runtime/database.ts';
import { messageOf } from '../../runtime/errors.ts';
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
import { usableProfiles } from '../profiles/declared-or-none.ts';
import { createProfiles, shippedProfiles } from '../profiles/main.ts';
import type { Profiles } from '../profiles/types.ts';
import { NodeFileError, throwProblems } from './errors.ts';
import { type ExportReport, exportNodes } from './export.ts';
import { type ImportPlan, type ImportStep, planImport } from './plan-import.ts';
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
  /** What most likely was meant otherwise, in a line each. */
  readonly warnings: readonly string[];
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
  return {
    import: (sources, options) => {
      const read = readSources(sources);
      const path = options.isDryRun ? readPath(state) : databasePath(state);
      const plan = using(path, (database) =>
        importEntries(read, { database, profiles, ...options }),
      );
      return { ...plan, skippedCount: read.skippedCount };
    },
    export: (selection, format) =>
      using(readPath(state), (database) =>
        database.transaction(() => {
          const nodes = indexOf(readNodes(database));
          const chosen = selection === undefined ? nodes.all() : selectNodes(nodes, selection);
          const layers = readAttributes(database);
          return exportNodes(chosen, { format, layers, secrets: knownSecrets(layers, profiles) });
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
  readonly profiles: Pick<Profiles, 'list'>;
};

function importEntries(
  read: NodeEntries,
  { database, profiles, isUpdate, isDryRun }: ImportDeps,
): Pick<ImportReport, 'steps' | 'warnings'> {
  const audit = createAuditTrail({ database, usual: localOperator() });
  const store = createNodeStore({ database, onWrite: audit.nodesChanged }, { bootActions: [] });
  const plan = () => {
    const layers = readAttributes(database);
    const planned = planImport(read.entries, {
      ...{ nodes: store, layers, isUpdate, nowMs: Date.now() },
      ...{ secrets: knownSecrets(layers, profiles), profiles: usableProfiles(profiles) },
    });
    throwProblems([...read.problems, ...planned.problems]);
    return planned;
  };
  const told = ({ steps, warnings }: ImportPlan) => ({ steps, warnings });
  if (isDryRun) return told(plan());
  let done = { steps: [], warnings: [] } as ReturnType<typeof told>;
  store.change(() => {
    const planned = plan();
    done = told(planned);
    writeAttributes(database, planned.attributeChanges);
    audit.attributesChanged(database, planned.attributeChanges);
    return planned.changes;
  });
  return done;
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
