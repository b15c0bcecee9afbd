import type { ProgressBytes, ProgressReport } from '../../protocol/install-progress.ts';

/** How far an install is, in the frontend's own time. All times are milliseconds since 1970. */
export type InstallProgress = {
  readonly installNumber: number;
  readonly heardAtMs: number;
  /** By when they began. */
  readonly phases: ProgressReport['phases'];
  readonly packages: ProgressReport['packages'];
  readonly bytes: ProgressBytes;
  /** Received lately, from all sources together. */
  readonly rateBytesPerSecond: number;
  readonly trees: readonly string[];
  readonly agentVersion: string;
  /** Where the agent's connection comes from. */
  readonly address: string | undefined;
  readonly run: AgentRun;
};

/** The process that tells, and what processes before it had told. */
type AgentRun = {
  readonly id: string;
  readonly sequence: number;
  /** Of its own clock. */
  readonly atMs: number;
  readonly bytesBefore: ProgressBytes;
  readonly packagesBefore: number;
  /** The last of those before it: what still comes from them is counted already. */
  readonly endedIds: readonly string[];
};

export type ProgressMoment = {
  readonly installNumber: number;
  readonly nowMs: number;
  readonly address: string | undefined;
};

const mostEndedIds = 8;
const none: ProgressBytes = { frontend: 0, peers: 0, rack: 0, fallback: 0 };
/** A rate over less time than this says nothing. */
const shortestSpanMs = 500;

/**
 * What is known after a report. An agent that was started anew counts from zero; what the one before
 * it had told is added. Undefined for late news: then what is known stays. The agent's clock may say
 * anything; only differences of it are used.
 */
export function mergeProgress(
  kept: InstallProgress | undefined,
  report: ProgressReport,
  moment: ProgressMoment,
): InstallProgress | undefined {
  const before = kept?.installNumber === moment.installNumber ? kept : undefined;
  const isSameRun = before?.run.id === report.run;
  if (isSameRun && report.sequence <= before.run.sequence) return undefined;
  if (before?.run.endedIds.includes(report.run)) return undefined;
  const bytesBefore = isSameRun ? before.run.bytesBefore : (before?.bytes ?? none);
  const packagesBefore = isSameRun ? before.run.packagesBefore : (before?.packages?.done ?? 0);
  const bytes = sumOf(bytesBefore, report.bytes);
  return {
    installNumber: moment.installNumber,
    heardAtMs: moment.nowMs,
    phases: mergePhases(before?.phases ?? [], report, moment.nowMs),
    packages: mergePackages(before?.packages, report.packages, packagesBefore),
    bytes,
    rateBytesPerSecond: isSameRun ? rateOf(before, report, bytes) : 0,
    trees: report.trees,
    agentVersion: report.agentVersion,
    address: moment.address,
    run: {
      ...{ id: report.run, sequence: report.sequence, atMs: report.atMs },
      ...{ bytesBefore, packagesBefore },
      endedIds: endedIds(before, report),
    },
  };
}

export function totalBytes({ frontend, peers, rack, fallback }: ProgressBytes): number {
  return frontend + peers + rack + fallback;
}

/** The latest that was told of; undefined: none was. */
export function latestPhase({ phases }: Pick<InstallProgress, 'phases'>) {
  return phases.at(-1);
}

function endedIds(before: InstallProgress | undefined, { run }: ProgressReport): readonly string[] {
  if (before === undefined) return [];
  const { id, endedIds: earlier } = before.run;
  return id === run ? earlier : [...earlier, id].slice(-mostEndedIds);
}

/** When a phase began is told once; a later report may only know its details better. */
function mergePhases(
  known: InstallProgress['phases'],
  { phases, atMs }: ProgressReport,
  nowMs: number,
): InstallProgress['phases'] {
  const merged = new Map(known.map((phase) => [phase.name, phase]));
  for (const phase of phases) {
    const agoMs = Math.max(0, atMs - phase.atMs);
    const began = merged.get(phase.name)?.atMs ?? Math.max(0, Math.round(nowMs - agoMs));
    merged.set(phase.name, { ...phase, atMs: began });
  }
  return [...merged.values()].toSorted((a, b) => a.atMs - b.atMs);
}

function mergePackages(
  known: InstallProgress['packages'],
  told: ProgressReport['packages'],
  packagesBefore: number,
): InstallProgress['packages'] {
  if (told === undefined) return known;
  if (told.total !== undefined) return told;
  const done = packagesBefore + told.done;
  const total = known?.total;
  return total === undefined ? { done } : { done: Math.min(done, total), total };
}

function rateOf(before: InstallProgress, { atMs }: ProgressReport, bytes: ProgressBytes): number {
  const spanMs = atMs - before.run.atMs;
  if (spanMs < shortestSpanMs) return before.rateBytesPerSecond;
  const grown = Math.max(0, totalBytes(bytes) - totalBytes(before.bytes));
  const now = (grown * 1000) / spanMs;
  // One look between two packages is not a standstill.
  return Math.round((before.rateBytesPerSecond + now) / 2);
}

function sumOf(some: ProgressBytes, others: ProgressBytes): ProgressBytes {
  return {
    frontend: some.frontend + others.frontend,
    peers: some.peers + others.peers,
    rack: some.rack + others.rack,
    fallback: some.fallback + others.fallback,
  };
}
