import type { Log } from '../runtime/log.ts';
import type { FileTorrents } from './file-torrents.ts';
import type { Seeding } from './seeding.ts';
import type { BrokenGeneration, Generation, TreeCatalog } from './trees/types.ts';

/** What a reload of the trees has changed. */
export type ReloadReport = {
  /** `<tree>@<generation>`. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly broken: readonly BrokenGeneration[];
};

/**
 * Takes in what `scree tree` has changed in the state folder: new generations are seeded, removed
 * ones no longer; each is a line in the log. Calls at the same time are carried out one after the
 * other.
 */
export function createReload(deps: {
  readonly log: Log;
  readonly trees: Pick<TreeCatalog, 'reload' | 'broken'>;
  readonly seeding: Seeding;
  readonly fileTorrents: Pick<FileTorrents, 'load'>;
}): () => Promise<ReloadReport> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const report = last.then(() => reload(deps));
    last = report.catch(() => {});
    return report;
  };
}

type ReloadDeps = Parameters<typeof createReload>[0];

async function reload({ log, trees, seeding, fileTorrents }: ReloadDeps): Promise<ReloadReport> {
  const { added, removed } = await trees.reload();
  for (const generation of removed) {
    await seeding.withdraw(generation);
    log.info('tree no longer served', describe(generation));
  }
  for (const generation of added) {
    seeding.offerTree(generation);
    log.info('tree served', describe(generation));
  }
  for (const generation of added) await fileTorrents.load(generation);
  return { added: added.map(nameOf), removed: removed.map(nameOf), broken: trees.broken() };
}

function describe({ tree, generation, manifest }: Generation) {
  return { tree, generation, files: manifest.files.length, sizeBytes: manifest.totalSize };
}

function nameOf({ tree, generation }: Generation): string {
  return `${tree}@${generation}`;
}
