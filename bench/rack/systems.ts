import type { System } from './system.ts';
import { aria2 } from './system-aria2.ts';
import { libtorrent } from './system-libtorrent.ts';
import { nginx } from './system-nginx.ts';
import { screeSystem } from './system-scree.ts';
import { webtorrent } from './system-webtorrent.ts';

const all: readonly System[] = [screeSystem, nginx, aria2, libtorrent, webtorrent];

/** What can be measured, in the order of the tables. */
export const systems: ReadonlyMap<string, System> = new Map(
  all.map((system) => [system.name, system]),
);
