import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLivePage, type FollowPage } from './live-page.ts';
import type { StatsLink, Tracker, TrackerStats } from './types.ts';

const freshMs = 1_000;

/** Whatever the page holds, it runs its own script alone, and loads nothing from elsewhere. */
export const statsHeaders = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "script-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
} as const;

/** The figures in their forms, each made at most once a second, and only when somebody asks. */
export type Figures = {
  readonly page: () => Promise<Buffer>;
  /** The page for who has it open. */
  readonly follow: FollowPage;
  readonly json: () => Promise<string>;
  readonly metrics: () => Promise<string>;
};

export type FiguresConfig = {
  readonly nowMs?: () => number;
  /** Where the page leads besides its other forms. */
  readonly links?: readonly StatsLink[];
};

/** Announces get their turn between adding up and writing down. */
export function createFigures(
  tracker: Pick<Tracker, 'stats' | 'renderStatsPage' | 'renderMetrics'>,
  { nowMs = () => performance.now(), links = [] }: FiguresConfig = {},
): Figures {
  const stats = keepFresh(nowMs, tracker.stats);
  const form = <Form>(render: (stats: TrackerStats) => Form): (() => Promise<Form>) =>
    keepFresh(nowMs, async () => {
      const now = stats();
      await nextTurn();
      return render(now);
    });
  const page = form((now) => Buffer.from(tracker.renderStatsPage(now, links)));
  return {
    page,
    follow: createLivePage(page),
    json: form((now) => JSON.stringify(now)),
    metrics: form(tracker.renderMetrics),
  };
}

function keepFresh<Value>(nowMs: () => number, make: () => Value): () => Value {
  let kept: { readonly value: Value; readonly untilMs: number } | undefined;
  return () => {
    if (kept === undefined || nowMs() >= kept.untilMs) {
      kept = { value: make(), untilMs: nowMs() + freshMs };
    }
    return kept.value;
  };
}
