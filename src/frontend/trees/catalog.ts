import type { KeyObject } from 'node:crypto';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { createDescriptors } from './descriptors.ts';
import { type GenerationPlace, type OpenGeneration, openGeneration } from './generation.ts';
import { type GenerationVersion, isThere, readGenerationVersion } from './generation-version.ts';
import { readManifestPublicKey } from './keys.ts';
import { listGenerations, listTrees } from './tree-folders.ts';
import type { BrokenGeneration, CatalogChange, Generation, TreeCatalog } from './types.ts';

// Well below the 1,024 that a process may have open where nobody raised it.
const openFilesLimit = 256;

type Entry = { readonly generation: OpenGeneration; readonly version: GenerationVersion };

/** All trees of a state folder, for serving; empty until its first `reload`. */
export function createTreeCatalog(
  deps: { readonly log: Log },
  config: { readonly state: string },
): TreeCatalog {
  return new Catalog(deps.log, config.state);
}

class Catalog implements TreeCatalog {
  readonly #log: Log;
  readonly #state: string;
  readonly #descriptors = createDescriptors(openFilesLimit);
  readonly #listeners = new Set<(change: CatalogChange) => void>();
  readonly #broken = new Map<string, BrokenGeneration>();
  #entries: ReadonlyMap<string, Entry> = new Map();
  #lastReload: Promise<unknown> = Promise.resolve();

  constructor(log: Log, state: string) {
    this.#log = log;
    this.#state = state;
  }

  readonly all = () => [...this.#entries.values()].map(({ generation }) => generation);

  readonly newestOfEach = () => {
    const newest = new Map<string, Generation>();
    for (const generation of this.all()) newest.set(generation.tree, generation);
    return [...newest.values()];
  };

  readonly newest = (tree: string) => this.all().findLast((each) => each.tree === tree);

  readonly get = (tree: string, generation: number) =>
    this.#entries.get(nameOf({ tree, generation }))?.generation;

  readonly byInfohash = (infohash: string) =>
    this.all().findLast(({ metainfo }) => metainfo.infohash === infohash);

  readonly broken = () => [...this.#broken.values()];

  readonly onChange = (listener: (change: CatalogChange) => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** One after the other: each sees what was there when it was called. */
  readonly reload = () => {
    const next = this.#lastReload.then(this.#reloadNow, this.#reloadNow);
    this.#lastReload = next;
    return next;
  };

  readonly close = async () => {
    await this.#lastReload.catch(() => {});
    await this.#descriptors.close();
  };

  readonly #reloadNow = async (): Promise<CatalogChange> => {
    const publicKey = await readManifestPublicKey(this.#state);
    const before = this.#entries;
    const found = new Map<string, Entry>();
    const places = await findPlaces(this.#state);
    for (const place of places) {
      const entry = await this.#tryToTakeIn(place, publicKey);
      if (entry !== undefined) found.set(nameOf(place), entry);
    }
    forgetOthers(this.#broken, new Set(places.map(nameOf)));
    this.#entries = found;
    const change = changeBetween(before, found);
    for (const { generation } of before.values()) {
      if (change.removed.includes(generation)) generation.release();
    }
    if (change.added.length + change.removed.length > 0) {
      for (const tell of this.#listeners) tell(change);
    }
    return change;
  };

  async #tryToTakeIn(place: GenerationPlace, publicKey: KeyObject | undefined) {
    try {
      const entry = await this.#takeIn(place, publicKey);
      this.#broken.delete(nameOf(place));
      return entry;
    } catch (error) {
      if (!(await isThere(place))) return undefined;
      this.#note({ tree: place.tree, generation: place.generation, reason: messageOf(error) });
      return undefined;
    }
  }

  async #takeIn(place: GenerationPlace, publicKey: KeyObject | undefined): Promise<Entry> {
    // Before what it tells of, so that a change in between is seen the next time.
    const version = await readGenerationVersion(place);
    const known = this.#entries.get(nameOf(place));
    if (known === undefined || known.version.manifest !== version.manifest) {
      const deps = { descriptors: this.#descriptors, log: this.#log };
      return { version, generation: await openGeneration(deps, place, publicKey) };
    }
    if (known.version.records !== version.records) await known.generation.refresh();
    return { version, generation: known.generation };
  }

  #note(problem: BrokenGeneration): void {
    const name = nameOf(problem);
    if (this.#broken.get(name)?.reason !== problem.reason) this.#log.error('broken tree', problem);
    this.#broken.set(name, problem);
  }
}

/** Ordered by tree, then generation. */
async function findPlaces(state: string): Promise<GenerationPlace[]> {
  const places: GenerationPlace[] = [];
  for (const tree of await listTrees(state)) {
    for (const generation of await listGenerations(state, tree)) {
      places.push({ state, tree, generation });
    }
  }
  return places;
}

function forgetOthers(broken: Map<string, BrokenGeneration>, names: ReadonlySet<string>): void {
  for (const name of broken.keys()) if (!names.has(name)) broken.delete(name);
}

function changeBetween(
  before: ReadonlyMap<string, Entry>,
  now: ReadonlyMap<string, Entry>,
): CatalogChange {
  const generationsIn = (some: ReadonlyMap<string, Entry>, others: ReadonlyMap<string, Entry>) =>
    [...some].flatMap(([name, { generation }]) =>
      others.get(name)?.generation === generation ? [] : [generation],
    );
  return { added: generationsIn(now, before), removed: generationsIn(before, now) };
}

function nameOf({ tree, generation }: Pick<Generation, 'tree' | 'generation'>): string {
  return `${tree}@${generation}`;
}
