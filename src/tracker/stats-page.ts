import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Eta } from 'eta';
import { planStatsPage } from './stats-view.ts';
import type { TrackerStats } from './types.ts';

const folder = join(import.meta.dirname, 'stats-page');
const eta = new Eta({ views: folder, cache: true });
const style = readFileSync(join(folder, 'style.css'), 'utf8').trim();

/** The statistics as a page: HTML without scripts that loads itself again every few seconds. */
export function renderStatsPage(stats: TrackerStats): string {
  return eta.render('./page', { style, ...planStatsPage(stats) });
}
