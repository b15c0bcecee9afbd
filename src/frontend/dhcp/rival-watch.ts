import type { Log } from '../../runtime/log.ts';
import { createMinuteCounts } from './minute-counts.ts';
import type { Decision } from './types.ts';

const hourMs = 3_600_000;

/** Warns of servers that machines chose instead of this one, of each at most once an hour. */
export function createRivalWatch({
  log,
  clockMs = Date.now,
}: {
  readonly log: Log;
  readonly clockMs?: () => number;
}): { readonly note: (decision: Decision) => void } {
  const counts = createMinuteCounts({
    tell: ({ name, text, count }) =>
      log.warn('another DHCP server was chosen', {
        ...{ server: name, reason: text, count },
        advice: 'switch it off on this wire, or set dhcp.mode: proxy',
      }),
    clockMs,
    everyMs: hourMs,
  });
  return {
    note: (decision) => {
      if (decision.kind === 'reply' || decision.otherServer === undefined) return;
      counts.note(decision.otherServer, decision.text);
    },
  };
}
