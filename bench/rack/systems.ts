import type { System } from './system.ts';
import { aria2 } from './system-aria2.ts';
import { libtorrent } from './system-libtorrent.ts';
import { nginx } from './system-nginx.ts';
import { screeSystem } from './system-scree.ts';
import { webtorrent } from './system-webtorrent.ts';

const usual: readonly System[] = [screeSystem, nginx, aria2, libtorrent];

/** What is measured unless systems are named: webtorrent takes nearly as long as nginx, and no goal needs it. */
export const usualSystems: readonly string[] = usual.map((system) => system.name);

/** What can be measured, in the order of the tables. */
export const systems: ReadonlyMap<string, System> = new Map(
  [...usual, webtorrent].map((system) => [system.name, system]),
);
