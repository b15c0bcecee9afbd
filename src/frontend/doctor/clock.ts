import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { generationFolder, listGenerations, listTrees, namesIn } from '../trees/tree-folders.ts';
import { type Finding, ok, problem } from './finding.ts';

export type ClockFacts = {
  readonly nowMs: number;
  /** The latest of what the frontend itself has written. */
  readonly newest: { readonly path: string; readonly mtimeMs: number } | undefined;
};

/** Before this program was written. */
const tooEarlyMs = Date.UTC(2026, 0);
const tooLateMs = Date.UTC(2100, 0);
/** Clocks are put right by a little now and then. */
const slackMs = 60_000;

export async function lookAtClock(state: string): Promise<ClockFacts> {
  const own = await namesIn(state).catch(() => []);
  const paths = [
    ...own.filter((name) => name === 'leases' || name.startsWith('scree.db')),
    join('keys', 'manifest.pub'),
  ].map((name) => join(state, name));
  for (const tree of await listTrees(state).catch(() => [])) {
    for (const generation of await listGenerations(state, tree).catch(() => [])) {
      paths.push(join(generationFolder(state, tree, generation), 'manifest.json'));
    }
  }
  const found = await Promise.all(
    paths.map(async (path) => ({
      path,
      mtimeMs: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  );
  const newest = found.toSorted((a, b) => b.mtimeMs - a.mtimeMs)[0];
  return { nowMs: Date.now(), newest: newest?.mtimeMs === 0 ? undefined : newest };
}

/** Leases, certificates and the order of events go by the clock. */
export function checkClock({ nowMs, newest }: ClockFacts): Finding {
  const now = new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const advice = 'set it (timedatectl set-time, or NTP), then restart the frontend';
  if (nowMs < tooEarlyMs || nowMs > tooLateMs) {
    return problem('clock', `it says ${now}, which cannot be`, advice);
  }
  if (newest !== undefined && newest.mtimeMs > nowMs + slackMs) {
    const then = new Date(newest.mtimeMs).toISOString().replace(/\.\d+Z$/, 'Z');
    return problem('clock', `it says ${now}, but '${newest.path}' was written at ${then}`, advice);
  }
  return ok('clock', now);
}
