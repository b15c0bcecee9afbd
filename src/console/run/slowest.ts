import type { RunNode } from '../../frontend/runs/documents.ts';

export type Slow = {
  readonly node: RunNode;
  /** From its begin to its end, or until now. */
  readonly tookMs: number;
  /** Where it lost most against the usual machine; undefined: nowhere in particular. */
  readonly lost: { readonly phase: string; readonly moreMs: number } | undefined;
};

const leastLostMs = 2_000;

/** The machines that took longest, those that still run or have failed among them, and in which phase. */
export function slowest(nodes: readonly RunNode[], nowMs: number, count = 12): readonly Slow[] {
  const spans = new Map(nodes.map((node) => [node.name, spansOf(node, nowMs)]));
  const usual = usualSpans([...spans.values()]);
  return nodes
    .map((node) => ({
      node,
      tookMs: (node.endedAtMs ?? nowMs) - node.startedAtMs,
      lost: lostIn(spans.get(node.name) ?? new Map(), usual),
    }))
    .toSorted((a, b) => b.tookMs - a.tookMs)
    .slice(0, count);
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
    [...names].map((name) => {
      const values = all.flatMap((spans) => spans.get(name) ?? []).toSorted((a, b) => a - b);
      return [name, values[Math.floor((values.length - 1) / 2)] ?? 0];
    }),
  );
}

function lostIn(spans: Spans, usual: Spans): Slow['lost'] {
  const more = [...spans].map(([phase, ms]) => ({ phase, moreMs: ms - (usual.get(phase) ?? 0) }));
  const [most] = more.toSorted((a, b) => b.moreMs - a.moreMs);
  return most !== undefined && most.moreMs >= leastLostMs ? most : undefined;
}
