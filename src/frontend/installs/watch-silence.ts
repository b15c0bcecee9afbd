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
  readonly limitMs: number;
};

const lookEveryMs = 1_000;
/** What a kill may cost is only when an install was last heard of; the limits are minutes. */
const keepEveryMs = 5_000;

/** Looks for installs that have fallen silent, and keeps what was heard of the others. */
export function watchSilence(deps: SilenceWatchDeps): { readonly close: () => void } {
  const { log, heard } = deps;
  // What machines said while no frontend ran, nobody could hear.
  const startedAtMs = deps.nowMs();
  const orWarn = (text: string, work: () => void) => () => {
    try {
      work();
    } catch (error) {
      log.warn(text, { reason: messageOf(error) });
    }
  };
  const look = orWarn('silent installs not marked', () => failSilent(deps, startedAtMs));
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

function failSilent(deps: SilenceWatchDeps, startedAtMs: number): void {
  const { nodes, heard, onSilent, nowMs, limitMs } = deps;
  for (const node of nodes.all().filter(isOnItsWay)) {
    const last = heard.of(node);
    const sinceMs = Math.max(node.stateAtMs, last?.atMs ?? 0, startedAtMs);
    if (nowMs() - sinceMs >= limitMs) onSilent(node, describeSilence(node, last, limitMs));
  }
}
