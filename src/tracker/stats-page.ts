import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Eta } from 'eta';
import { planStatsPage } from './stats-view.ts';
import type { StatsLink, TrackerStats } from './types.ts';

const folder = join(import.meta.dirname, 'stats-page');
const eta = new Eta({ views: folder, cache: true });
const style = ['style.css', 'matrix.css']
  .map((file) => readFileSync(join(folder, file), 'utf8').trim())
  .join('\n');

/** The script of the page: it is kept live by it, and whole without. */
export const statsScript = readFileSync(join(folder, 'live.js'));

/** The statistics as a page, with everything in it but its script. */
export function renderStatsPage(stats: TrackerStats, links: readonly StatsLink[] = []): string {
  return eta.render('./page', { style, ...planStatsPage(stats, links) });
}
