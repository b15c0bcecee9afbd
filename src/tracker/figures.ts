import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Tracker, TrackerStats } from './types.ts';

const freshMs = 1_000;

/** Whatever the page holds, it runs nothing and loads nothing. */
export const statsHeaders = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
  'X-Content-Type-Options': 'nosniff',
} as const;

/** The figures in their forms, each made at most once a second, and only when somebody asks. */
export type Figures = {
  readonly page: () => Promise<Buffer>;
  readonly json: () => Promise<string>;
  readonly metrics: () => Promise<string>;
};

/** Announces get their turn between adding up and writing down. */
export function createFigures(
  tracker: Pick<Tracker, 'stats' | 'renderStatsPage' | 'renderMetrics'>,
  nowMs: () => number = () => performance.now(),
): Figures {
  const stats = keepFresh(nowMs, tracker.stats);
  const form = <Form>(render: (stats: TrackerStats) => Form): (() => Promise<Form>) =>
    keepFresh(nowMs, async () => {
      const now = stats();
      await nextTurn();
      return render(now);
    });
  return {
    page: form((now) => Buffer.from(tracker.renderStatsPage(now))),
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
