import type { RackHost } from '../../test/support/rack.ts';
import type { NeededFile } from '../support/programs.ts';

/** A tree that an installer can install from, and what proves that it got all of it. */
export type ClientTree = {
  readonly name: string;
  readonly folder: string;
  /** Of all packages; there are a few indices besides. */
  readonly packagesBytes: number;
};

/** A node on which an installer is to run. */
export type Place = {
  readonly host: RackHost;
  /** For the system that it makes, or for what it fetches; not there yet. */
  readonly root: string;
};

/** A real installer. */
export type Client = {
  readonly name: string;
  readonly needs: readonly NeededFile[];
  readonly tree: () => Promise<ClientTree>;
  /** From a tree at this URL. */
  readonly run: (place: Place, url: string, timeoutMs: number) => Promise<void>;
  /** Throws unless every package of the tree arrived as it is. */
  readonly verify: (place: Place) => Promise<void>;
};
