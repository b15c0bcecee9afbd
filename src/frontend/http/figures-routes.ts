import type Router from '@koa/router';
import { prometheusType } from '../../runtime/prometheus.ts';
import { createFigures, statsHeaders } from '../../tracker/figures.ts';
import { statsScript } from '../../tracker/stats-page.ts';
import type { Tracker } from '../../tracker/types.ts';
import { type FrontendFigures, renderMetrics } from './metrics.ts';

export type FiguresDeps = {
  readonly tracker: Pick<Tracker, 'stats' | 'renderStatsPage' | 'renderMetrics'>;
  /** Of this program: in `/stats.json` beside the tracker's, and in `/metrics`. */
  readonly figures: () => FrontendFigures;
};

/** `/stats`, `/stats.json` and `/metrics`: the tracker's figures and the frontend's own. */
export function addFiguresRoutes(router: Router, { tracker, figures }: FiguresDeps): void {
  const sheets = createFigures(tracker, { links: [{ href: './', text: 'Console' }] });
  router.get('/stats', async (context) => {
    context.set(statsHeaders);
    context.type = 'html';
    context.body = await sheets.page();
  });
  router.get('/stats/live.js', (context) => {
    context.set(statsHeaders);
    context.type = 'js';
    context.body = statsScript;
  });
  router.get('/stats/events', (context) => {
    context.set(statsHeaders);
    context.respond = false;
    return sheets.follow(context.req, context.res);
  });
  router.get('/stats.json', async (context) => {
    context.set(statsHeaders);
    context.type = 'json';
    context.body = `${(await sheets.json()).slice(0, -1)},"frontend":${JSON.stringify(figures())}}`;
  });
  router.get('/metrics', async (context) => {
    context.set(statsHeaders);
    context.type = prometheusType;
    context.body = (await sheets.metrics()) + renderMetrics(figures());
  });
}
