import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../runtime/errors.ts';
import { askFrontend } from '../nodes/control-request.ts';
import { readServerSent, refusalOf } from '../nodes/read-answer.ts';
import { factsOf, followInstallsPath, installNewsSchema } from './documents.ts';
import { ReinstallError } from './errors.ts';
import type { InstallNews } from './types.ts';

export type FollowInstallsConfig = {
  readonly state: string;
  readonly signal: AbortSignal;
  /** How long a frontend may be away, such as to be started anew. */
  readonly patienceMs?: number;
  readonly pauseMs?: number;
};

const usualPatienceMs = 120_000;
const usualPauseMs = 1_000;

/**
 * The installs of all nodes, then each change, until the signal is aborted. A frontend that is
 * started anew is asked again. Throws ReinstallError `lost` when none answers for too long.
 */
export async function* followInstalls({
  state,
  signal,
  patienceMs = usualPatienceMs,
  pauseMs = usualPauseMs,
}: FollowInstallsConfig): AsyncGenerator<InstallNews, void> {
  let heardAtMs = performance.now();
  while (!signal.aborted) {
    let reason = 'no frontend that runs';
    let hasHeard = false;
    try {
      for await (const news of connect(state, signal)) {
        hasHeard = true;
        yield news;
      }
    } catch (error) {
      reason = messageOf(error);
    } finally {
      // Where nothing changed, nothing was told, and yet it was there to the end.
      if (hasHeard) heardAtMs = performance.now();
    }
    if (signal.aborted) return;
    if (performance.now() - heardAtMs > patienceMs) throw lost(state, reason);
    await delay(pauseMs, undefined, { signal }).catch(() => {});
  }
}

async function* connect(state: string, signal: AbortSignal): AsyncGenerator<InstallNews, void> {
  const path = `/api/v1${followInstallsPath}`;
  const answer = await askFrontend(state, { method: 'GET', path, signal });
  if (answer === undefined) return;
  if (answer.statusCode !== 200) throw await refusalOf(answer);
  let isAll = true;
  for await (const { nodes, removed } of readServerSent(answer, installNewsSchema, signal)) {
    yield { nodes: nodes.map(factsOf), removed, isAll };
    isAll = false;
  }
}

function lost(state: string, reason: string): ReinstallError {
  const message = `expected to hear of installs from the frontend on '${state}', got: ${reason}`;
  const advice = 'what was started goes on; the same command follows it again';
  return new ReinstallError('lost', `${message}; ${advice}`);
}
