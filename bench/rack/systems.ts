import type { System } from './system.ts';
import { aria2 } from './system-aria2.ts';
import { libtorrent } from './system-libtorrent.ts';
import { nginx } from './system-nginx.ts';
import { screeSystem } from './system-scree.ts';

/** What can be measured, in the order of the tables. */
export const systems: ReadonlyMap<string, System> = new Map(
  [screeSystem, nginx, aria2, libtorrent].map((system) => [system.name, system]),
);
