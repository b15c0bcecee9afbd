import type Router from '@koa/router';
import { prometheusType } from '../../runtime/prometheus.ts';
import { keepFresh, statsHeaders } from '../../tracker/figures.ts';
import type { Tracker } from '../../tracker/types.ts';
import { type FrontendFigures, renderMetrics } from './metrics.ts';

export type FiguresDeps = {
  readonly tracker: Pick<Tracker, 'stats' | 'renderStatsPage' | 'renderMetrics'>;
  /** Of this program: in `/stats.json` beside the tracker's, and in `/metrics`. */
  readonly figures: () => FrontendFigures;
};

/** `/stats`, `/stats.json` and `/metrics`: the tracker's figures and the frontend's own. */
export function addFiguresRoutes(router: Router, { tracker, figures }: FiguresDeps): void {
  const nowMs = () => performance.now();
  const stats = keepFresh(nowMs, tracker.stats);
  const page = keepFresh(nowMs, () => Buffer.from(tracker.renderStatsPage(stats())));
  const metrics = keepFresh(nowMs, () => tracker.renderMetrics(stats()));
  router.get('/stats', (context) => {
    context.set(statsHeaders);
    context.type = 'html';
    context.body = page();
  });
  router.get('/stats.json', (context) => {
    context.set(statsHeaders);
    context.body = { ...stats(), frontend: figures() };
  });
  router.get('/metrics', (context) => {
    context.set(statsHeaders);
    context.type = prometheusType;
    context.body = metrics() + renderMetrics(figures());
  });
}
