import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { Nodes } from '../nodes/node-index.ts';
import type { MachineNode } from '../nodes/types.ts';
import { type HeardInstalls, isOnItsWay } from './heard-installs.ts';
import { describeSilence } from './silence.ts';

export type SilenceWatchDeps = {
  readonly log: Log;
  readonly nodes: Pick<Nodes, 'all'>;
  readonly heard: HeardInstalls;
  /** An install of which nothing was heard for too long. May throw. */
  readonly onSilent: (node: MachineNode, reason: string) => void;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Milliseconds since any moment, by a clock that nobody sets. */
  readonly monotonicMs: () => number;
  readonly limitMs: number;
};

const lookEveryMs = 1_000;
/** What a kill may cost is only when an install was last heard of; the limits are minutes. */
const keepEveryMs = 5_000;
/** By which the clock has been set, and not only been corrected, between two looks. */
const clockStepMs = 2_000;

/** Looks for installs that have fallen silent, and keeps what was heard of the others. */
export function watchSilence(deps: SilenceWatchDeps): { readonly close: () => void } {
  const { log, heard } = deps;
  const hearing = createHearing(deps);
  const orWarn = (text: string, work: () => void) => () => {
    try {
      work();
    } catch (error) {
      log.warn(text, { reason: messageOf(error) });
    }
  };
  const look = orWarn('silent installs not marked', () => failSilent(deps, hearing.sinceMs()));
  const keep = orWarn('what was heard of installs not kept', heard.keep);
  const looking = setInterval(look, lookEveryMs).unref();
  const keeping = setInterval(keep, keepEveryMs).unref();
  return {
    close: () => {
      clearInterval(looking);
      clearInterval(keeping);
      keep();
    },
  };
}

/**
 * What machines said while no frontend ran, nobody could hear; and how long it is since then, a clock
 * that was set does not tell: then it is as if the frontend had begun to hear at that moment.
 */
function createHearing({ nowMs, monotonicMs }: SilenceWatchDeps) {
  let startedAtMs = nowMs();
  let offsetMs = startedAtMs - monotonicMs();
  return {
    sinceMs: (): number => {
      const atMs = nowMs();
      const laterOffsetMs = atMs - monotonicMs();
      if (Math.abs(laterOffsetMs - offsetMs) >= clockStepMs) startedAtMs = atMs;
      offsetMs = laterOffsetMs;
      return startedAtMs;
    },
  };
}

function failSilent(deps: SilenceWatchDeps, startedAtMs: number): void {
  const { nodes, heard, onSilent, nowMs, limitMs } = deps;
  for (const node of nodes.all().filter(isOnItsWay)) {
    const last = heard.of(node);
    const atMs = nowMs();
    // What lies ahead was written by a clock that has been set back since.
    const known = [node.stateAtMs, last?.atMs ?? 0].filter((each) => each < atMs + clockStepMs);
    if (atMs - Math.max(startedAtMs, ...known) >= limitMs)
      onSilent(node, describeSilence(node, last, limitMs));
  }
}
