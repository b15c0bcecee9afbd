import type { InstallProgress } from '../installs/merge-progress.ts';
import type { MachineNode } from '../nodes/types.ts';
import { type RunDocument, type RunNode, type RunSample, sumOf } from './documents.ts';

const nothing = { frontend: 0, peers: 0, rack: 0, fallback: 0 };
const firstSampleEveryMs = 1_000;
const mostSamples = 600;

/**
 * One install run as it comes about: told of its machines, it knows how each began and ended. A
 * machine that is installed again in the same run counts by its latest install.
 */
export class RunRecord {
  readonly id: string;
  readonly startedAtMs: number;
  #endedAtMs: number | null;
  #sampleEveryMs: number;
  #samples: RunSample[];
  readonly #nodes: Map<string, RunNode>;

  constructor(document: RunDocument) {
    this.id = document.id;
    this.startedAtMs = document.startedAtMs;
    this.#endedAtMs = document.endedAtMs;
    this.#sampleEveryMs = document.sampleEveryMs;
    this.#samples = [...document.samples];
    this.#nodes = new Map(document.nodes.map((node) => [node.name, node]));
  }

  static begin(nowMs: number): RunRecord {
    const id = idOf(nowMs);
    const times = { startedAtMs: nowMs, endedAtMs: null, sampleEveryMs: firstSampleEveryMs };
    return new RunRecord({ id, ...times, nodes: [], samples: [] });
  }

  /** Returns whether that changed anything. */
  note(node: MachineNode, progress: InstallProgress | undefined, nowMs: number): boolean {
    const before = this.#nodes.get(node.name);
    const after = isOnItsWay(node)
      ? running(node, before)
      : before?.outcome === 'running' && before.installNumber === node.installNumber
        ? ended(node, before, nowMs)
        : undefined;
    const isOwn = after ?? (before?.installNumber === node.installNumber ? before : undefined);
    if (isOwn === undefined) return this.#cutOff(node, before, nowMs);
    this.#nodes.set(node.name, withProgress(isOwn, progress));
    return true;
  }

  /** It has said so itself: without that, a machine that boots its disk was given up. */
  succeeded({ name, installNumber }: MachineNode): void {
    const node = this.#nodes.get(name);
    if (node?.installNumber !== installNumber || node.outcome === 'running') return;
    this.#nodes.set(name, { ...node, outcome: 'done', reason: null });
  }

  /** Armed again, or removed: the install that ran here counts no more. */
  #cutOff(node: MachineNode, before: RunNode | undefined, nowMs: number): boolean {
    if (before?.outcome !== 'running') return false;
    this.#nodes.set(node.name, { ...before, outcome: 'given-up', endedAtMs: nowMs });
    return true;
  }

  gone(name: string, nowMs: number): void {
    const before = this.#nodes.get(name);
    if (before?.outcome !== 'running') return;
    this.#nodes.set(name, { ...before, outcome: 'given-up', endedAtMs: nowMs });
  }

  isRunning(): boolean {
    return [...this.#nodes.values()].some(({ outcome }) => outcome === 'running');
  }

  /** When the last of its machines was done. */
  lastEndMs(): number {
    const ends = [...this.#nodes.values()].map(({ endedAtMs }) => endedAtMs ?? 0);
    return ends.reduce((last, each) => Math.max(last, each), this.startedAtMs);
  }

  end(): void {
    this.#endedAtMs = this.lastEndMs();
  }

  /** Notes how things are; of a long run less often, so that it stays small. Returns whether it did. */
  sample(nowMs: number): boolean {
    const last = this.#samples.at(-1)?.atMs ?? 0;
    if (nowMs - last < this.#sampleEveryMs) return false;
    if (this.#samples.length >= mostSamples) {
      this.#samples = this.#samples.filter((_, at) => at % 2 === 0);
      this.#sampleEveryMs *= 2;
    }
    const nodes = [...this.#nodes.values()];
    const count = (wanted: RunNode['outcome']) =>
      nodes.filter(({ outcome }) => outcome === wanted).length;
    const counts = { running: count('running'), done: count('done'), failed: count('failed') };
    this.#samples.push({ atMs: nowMs, ...counts, bytes: sumOf(nodes) });
    return true;
  }

  document(): RunDocument {
    return {
      ...{ id: this.id, startedAtMs: this.startedAtMs, endedAtMs: this.#endedAtMs },
      ...{ sampleEveryMs: this.#sampleEveryMs, nodes: [...this.#nodes.values()] },
      samples: this.#samples,
    };
  }
}

export function isOnItsWay({ bootState }: MachineNode): boolean {
  return bootState === 'booting' || bootState === 'installing';
}

/** `20261122T120833Z`: in the order of time, and a name for a file. */
function idOf(atMs: number): string {
  return new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

function running(node: MachineNode, before: RunNode | undefined): RunNode {
  if (before?.installNumber === node.installNumber) {
    return before.outcome === 'running'
      ? before
      : { ...before, outcome: 'running', endedAtMs: null };
  }
  const { name, role, rack = null, installNumber, stateAtMs } = node;
  return {
    ...{ name, role, rack, installNumber, outcome: 'running', reason: null },
    ...{ startedAtMs: stateAtMs, endedAtMs: null, packages: null, bytes: nothing, phases: [] },
  };
}

function ended(node: MachineNode, before: RunNode, nowMs: number): RunNode {
  const { bootState, bootReason = null } = node;
  const outcome = bootState === 'failed' ? 'failed' : 'given-up';
  return { ...before, outcome, reason: bootReason, endedAtMs: nowMs };
}

function withProgress(node: RunNode, progress: InstallProgress | undefined): RunNode {
  if (progress === undefined) return node;
  const { bytes, packages, phases } = progress;
  return {
    ...{ ...node, bytes },
    packages:
      packages === undefined ? null : { done: packages.done, total: packages.total ?? null },
    phases: phases.map(({ name, atMs }) => ({ name, atMs })),
  };
}
