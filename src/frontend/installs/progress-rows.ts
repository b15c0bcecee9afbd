import * as v from 'valibot';
import { installPhases } from '../../protocol/install-progress.ts';
import type { Database } from '../../runtime/database.ts';
import type { InstallProgress } from './merge-progress.ts';

/** What is kept of installs' progress, by the names of nodes. */
export type ProgressRows = {
  /** What another version has written in another form is left out. Throws DatabaseError. */
  readonly read: () => ReadonlyMap<string, InstallProgress>;
  /** All of these, or none; those of nodes that are gone are left out. Throws DatabaseError. */
  readonly keep: (entries: ReadonlyMap<string, InstallProgress>) => void;
};

const number = v.number();
const bytes = v.object({ frontend: number, peers: number, rack: number, fallback: number });
const progressSchema = v.object({
  installNumber: number,
  heardAtMs: number,
  phases: v.array(
    v.object({
      name: v.picklist(installPhases),
      atMs: number,
      detail: v.exactOptional(v.string()),
    }),
  ),
  packages: v.optional(v.object({ done: number, total: v.exactOptional(number) })),
  bytes,
  rateBytesPerSecond: number,
  trees: v.array(v.string()),
  agentVersion: v.string(),
  address: v.optional(v.string()),
  run: v.object({
    id: v.string(),
    sequence: number,
    atMs: number,
    bytesBefore: bytes,
    packagesBefore: number,
    endedIds: v.optional(v.array(v.string()), []),
  }),
});
const rowSchema = v.object({
  node: v.string(),
  progress: v.pipe(v.string(), v.parseJson(), progressSchema),
});

const upsert = `
  INSERT INTO install_progress (node, progress) SELECT name, ? FROM nodes WHERE name = ?
  ON CONFLICT DO UPDATE SET progress = excluded.progress`;

export function createProgressRows({ database }: { readonly database: Database }): ProgressRows {
  return {
    read: () =>
      new Map(database.all('SELECT node, progress FROM install_progress').flatMap(entriesOf)),
    keep: (entries) =>
      database.transaction(() => {
        for (const [name, progress] of entries) {
          database.run(upsert, JSON.stringify(progress), name);
        }
      }),
  };
}

/** An agent tells all of it again soon; a frontend that does not start would be worse. */
function entriesOf(row: unknown): readonly [string, InstallProgress][] {
  const result = v.safeParse(rowSchema, row);
  if (!result.success) return [];
  const { node, progress } = result.output;
  const { packages, address } = progress;
  return [[node, { ...progress, packages, address }]];
}
