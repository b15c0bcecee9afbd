/** What the frontend said last of how long this machine is needed. */
export type Need = { readonly atMs: number; readonly lingerSeconds: number };

export type Stay = {
  readonly startedAtMs: number;
  /** The longest that the operator lets it stay. */
  readonly lingerMs: number;
  /** The longest that it stays on a frontend's word, or without one. */
  readonly leaseMs: number;
  /** Undefined: nothing was heard. */
  readonly need: Need | undefined;
};

/**
 * Until when a machine that is done goes on seeding. Each answer of the frontend is good for a
 * short while, and renewed by the next: when it falls silent, the machine does not wait for it.
 */
export function decideStayUntilMs({ startedAtMs, lingerMs, leaseMs, need }: Stay): number {
  const limitMs = startedAtMs + lingerMs;
  if (need === undefined) return Math.min(limitMs, startedAtMs + leaseMs);
  const neededMs = Math.min(leaseMs, need.lingerSeconds * 1000);
  // What was said before the end was good for then.
  return Math.max(startedAtMs, Math.min(limitMs, need.atMs + neededMs));
}

export type Outcome = 'success' | 'failure';

/**
 * What a further call says: the same once more, or something new. An installer that has failed may
 * be helped, and then succeed; one that has succeeded is done.
 */
export function decideEnd(before: Outcome, asked: Outcome): 'begin' | 'join' {
  return before === 'failure' && asked === 'success' ? 'begin' : 'join';
}
