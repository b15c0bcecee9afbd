import type { Clock, Timer } from '../runtime/clock.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { Answer, Asker, AskTrackers } from './ask-trackers.ts';

export type AnnouncerDeps = Asker & {
  readonly onAnswer: (answer: Answer) => void;
  readonly log: Log;
  readonly clock: Clock;
  readonly ask: AskTrackers;
};

export type Announcer = {
  /** Announces now: the download is complete. */
  readonly completed: () => void;
  /** There is something that the tracker should hear of before its turn. */
  readonly tellSoon: () => void;
  /** Says good-bye, at most for a second. */
  readonly close: () => Promise<void>;
};

/** The first rounds come soon: who starts together finds each other late otherwise. */
const firstRoundsMs = [1000, 3000];
/** Out of turn it is told this late, so that many things at once are one announce. */
const soonMs = 500;
/** And so often: who makes trouble again and again is not to make each of us announce as often. */
const soonAtOnce = 3;
const soonAtOnceMs = 15_000;

/** Keeps a torrent announced by HTTP (BEP 3, compact by BEP 23 and 7), tracker after tracker. */
export function createAnnouncer(deps: AnnouncerDeps): Announcer {
  let round = 0;
  let failures = 0;
  let closed = false;
  let timer: Timer | undefined;
  let isAsking = false;
  let isUrgent = false;
  let lastSoonMs: readonly number[] = [];
  let dueAtMs = 0;

  const announce = async (event: string | undefined): Promise<void> => {
    timer?.cancel();
    isAsking = true;
    isUrgent = false;
    let waitMs: number;
    try {
      const report = deps.report?.current();
      const answer = await deps.ask(deps, event);
      if (report !== undefined) deps.report?.told(report);
      if (failures > 0) deps.log.info('announced again', { infohash: deps.infohash });
      failures = 0;
      if (event !== 'stopped') deps.onAnswer(answer);
      waitMs = firstRoundsMs[round] ?? answer.intervalMs;
      waitMs = Math.min(waitMs, answer.intervalMs);
      round += 1;
    } catch (error) {
      failures += 1;
      if (failures === 1) deps.log.warn('announce failed', { reason: messageOf(error) });
      waitMs = Math.min(30_000, 1000 * 2 ** Math.min(failures - 1, 5));
    }
    isAsking = false;
    wait(waitMs);
    if (isUrgent) hurry();
  };
  const wait = (waitMs: number) => {
    timer?.cancel();
    dueAtMs = deps.clock.nowMs() + waitMs;
    const next = () => void announce(failures > 0 ? 'started' : undefined);
    if (!closed) timer = deps.clock.after(waitMs, next);
  };
  const hurry = () => {
    const nowMs = deps.clock.nowMs();
    const [oldestMs = 0] = lastSoonMs;
    const freeAtMs = lastSoonMs.length < soonAtOnce ? 0 : oldestMs + soonAtOnceMs;
    const soonAtMs = Math.max(nowMs + soonMs, freeAtMs);
    if (soonAtMs >= dueAtMs) return;
    lastSoonMs = [...lastSoonMs, soonAtMs].slice(-soonAtOnce);
    wait(soonAtMs - nowMs);
  };

  void announce('started');
  return {
    completed: () => void announce('completed'),
    tellSoon: () => {
      // After a failure it is asked again soon as it is, later and later.
      if (isUrgent || failures > 0) return;
      isUrgent = true;
      if (!isAsking) hurry();
    },
    close: async () => {
      closed = true;
      timer?.cancel();
      const deadline = new Promise<void>((resolve) => setTimeout(resolve, 1000).unref());
      await Promise.race([announce('stopped'), deadline]);
    },
  };
}
