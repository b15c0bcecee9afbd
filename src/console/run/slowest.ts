import type { RunNode } from '../../frontend/runs/documents.ts';

export type Slow = {
  readonly node: RunNode;
  /** From its begin to its end, or until now. */
  readonly tookMs: number;
  /** Where it lost most against the usual machine; undefined: nowhere in particular. */
  readonly lost: { readonly phase: string; readonly moreMs: number } | undefined;
  /** While it runs: how many packages fewer than the usual machine it has; 0 where few. */
  readonly behindPackages: number;
};

const leastLostMs = 2_000;
const leastBehind = 0.05;

/**
 * The machines that have failed, then those that took longest, or will when they go on as they do,
 * and in which phase they lost their time.
 */
export function slowest(nodes: readonly RunNode[], nowMs: number, count = 12): readonly Slow[] {
  const spans = new Map(nodes.map((node) => [node.name, spansOf(node, nowMs)]));
  const usual = usualSpans([...spans.values()]);
  const usualPackages = median(nodes.flatMap(({ packages }) => packages?.done ?? []));
  return nodes
    .map((node) => ({
      node,
      tookMs: tookMs(node, nowMs),
      lost: lostIn(spans.get(node.name) ?? new Map(), usual),
      behindPackages: behind(node, usualPackages),
    }))
    .toSorted((a, b) => compareSlowness(a.node, b.node, nowMs))
    .slice(0, count);
}

function tookMs({ startedAtMs, endedAtMs }: RunNode, nowMs: number): number {
  return (endedAtMs ?? nowMs) - startedAtMs;
}

function behind({ outcome, packages }: RunNode, usual: number): number {
  if (outcome !== 'running' || packages?.total == null) return 0;
  const fewer = usual - packages.done;
  return fewer >= leastBehind * packages.total ? fewer : 0;
}

function compareSlowness(one: RunNode, other: RunNode, nowMs: number): number {
  const isFailed = ({ outcome }: RunNode) => Number(outcome === 'failed');
  return isFailed(other) - isFailed(one) || willTakeMs(other, nowMs) - willTakeMs(one, nowMs);
}

/** Of one that runs by its packages; before the first of them there is no telling but that it is late. */
function willTakeMs(node: RunNode, nowMs: number): number {
  const took = tookMs(node, nowMs);
  const { outcome, packages } = node;
  if (outcome !== 'running' || packages?.total == null) return took;
  return (took * packages.total) / Math.max(packages.done, 1);
}

type Spans = ReadonlyMap<string, number>;

/** How long each phase took. */
function spansOf({ phases, endedAtMs }: RunNode, nowMs: number): Spans {
  return new Map(
    phases
      .filter(({ name }) => name !== 'done')
      .map(({ name, atMs }, at) => {
        const next =
          phases.findIndex((each) => each.name === name) === at ? phases[at + 1] : undefined;
        return [name, Math.max(0, (next?.atMs ?? endedAtMs ?? nowMs) - atMs)];
      }),
  );
}

/** Of each phase the median. */
function usualSpans(all: readonly Spans[]): Spans {
  const names = new Set(all.flatMap((spans) => [...spans.keys()]));
  return new Map(
    [...names].map((name) => [name, median(all.flatMap((spans) => spans.get(name) ?? []))]),
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

function lostIn(spans: Spans, usual: Spans): Slow['lost'] {
  const more = [...spans].map(([phase, ms]) => ({ phase, moreMs: ms - (usual.get(phase) ?? 0) }));
  const [most] = more.toSorted((a, b) => b.moreMs - a.moreMs);
  return most !== undefined && most.moreMs >= leastLostMs ? most : undefined;
}
