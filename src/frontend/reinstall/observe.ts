import type { InstallFacts, Machine } from './types.ts';

/** A machine before anything was done. One that is under way is followed from there. */
export function machineOf(facts: InstallFacts, nowMs: number): Machine {
  const blank: Machine = {
    ...facts,
    verdict: 'waiting',
    wave: undefined,
    startedAtMs: undefined,
    endedAtMs: undefined,
    reason: undefined,
  };
  return isUnderWay(facts) ? followed(blank, facts, nowMs) : blank;
}

/** A machine that was armed, in a wave. */
export function started(
  machine: Machine,
  {
    facts,
    wave,
    nowMs,
  }: { readonly facts: InstallFacts; readonly wave: number; readonly nowMs: number },
): Machine {
  const blank = { endedAtMs: undefined, reason: undefined } as const;
  return { ...machine, ...facts, ...blank, verdict: 'running', wave, startedAtMs: nowMs };
}

/** It could not be switched on; whoever does so by hand brings it back. */
export function notPowered(machine: Machine, reason: string, nowMs: number): Machine {
  if (machine.verdict !== 'running' || machine.bootState !== 'install') return machine;
  return { ...machine, verdict: 'failed', reason, endedAtMs: nowMs };
}

export function overdue(machine: Machine, timeoutMs: number, nowMs: number): Machine {
  const reason = `not done after ${renderMinutes(timeoutMs)}; its state is ${machine.bootState}`;
  return { ...machine, verdict: 'failed', reason, endedAtMs: nowMs };
}

/** What is known of a machine after news of its node; undefined: there is no such node any more. */
export function observe(machine: Machine, facts: InstallFacts | undefined, nowMs: number): Machine {
  if (facts === undefined) return gone(machine, nowMs);
  // What was said before it was armed comes late.
  if (facts.installNumber < machine.installNumber) return machine;
  const seen = { ...machine, ...facts };
  const { startedAtMs } = machine;
  if (startedAtMs === undefined) return isUnderWay(facts) ? followed(seen, facts, nowMs) : seen;
  const endedAtMs = Math.max(startedAtMs, Math.min(facts.stateAtMs, nowMs));
  switch (facts.bootState) {
    case 'os':
      return { ...seen, verdict: 'done', reason: undefined, endedAtMs };
    case 'failed':
      return { ...seen, verdict: 'failed', reason: facts.bootReason, endedAtMs };
    case 'booting':
    case 'installing':
      return isNews(machine, facts) ? { ...seen, ...running } : seen;
    case 'install':
      return facts.installNumber > machine.installNumber ? { ...seen, ...running } : seen;
  }
}

const running = { verdict: 'running', reason: undefined, endedAtMs: undefined } as const;

/** Somebody has switched it on by hand, or has armed it anew. One that was too slow stays so. */
function isNews(machine: Machine, facts: InstallFacts): boolean {
  const isAnother = facts.installNumber > machine.installNumber;
  return isAnother || machine.bootState === 'install' || machine.verdict === 'running';
}

function isUnderWay({ bootState }: InstallFacts): boolean {
  return bootState === 'booting' || bootState === 'installing';
}

function followed(machine: Machine, { stateAtMs }: InstallFacts, nowMs: number): Machine {
  const startedAtMs = stateAtMs > 0 ? Math.min(stateAtMs, nowMs) : nowMs;
  return { ...machine, verdict: 'running', wave: 0, startedAtMs };
}

function gone(machine: Machine, nowMs: number): Machine {
  if (machine.verdict === 'done') return machine;
  const reason = 'it is no node any more';
  return { ...machine, verdict: 'failed', reason, endedAtMs: machine.endedAtMs ?? nowMs };
}

function renderMinutes(elapsedMs: number): string {
  const minutes = elapsedMs / 60_000;
  return minutes < 1 ? `${Math.round(elapsedMs / 1000)} s` : `${Math.round(minutes)} min`;
}
