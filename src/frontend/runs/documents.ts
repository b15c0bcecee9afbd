import * as v from 'valibot';

/** An install run as it is kept, and told: all machines that were installed at about the same time. */

const text = v.string();
const number = v.number();
const atMs = v.pipe(number, v.description('Milliseconds since 1970.'));
const bytes = v.object({ frontend: number, peers: number, rack: number, fallback: number });

export const runNodeSchema = v.object({
  name: text,
  role: text,
  rack: v.nullable(number),
  installNumber: number,
  outcome: v.picklist(['running', 'done', 'failed', 'given-up']),
  reason: v.nullable(text),
  startedAtMs: atMs,
  endedAtMs: v.nullable(atMs),
  packages: v.nullable(v.object({ done: number, total: v.nullable(number) })),
  bytes,
  phases: v.array(v.object({ name: text, atMs })),
});

export const runSampleSchema = v.object({
  atMs,
  running: number,
  done: number,
  failed: number,
  bytes,
});

export const runSchema = v.object({
  id: text,
  startedAtMs: atMs,
  endedAtMs: v.pipe(v.nullable(atMs), v.description('Null: it goes on.')),
  sampleEveryMs: number,
  nodes: v.array(runNodeSchema),
  samples: v.pipe(
    v.array(runSampleSchema),
    v.description('How it was, now and then; bytes are all that its machines had received.'),
  ),
});

export const runSummarySchema = v.object({
  id: text,
  startedAtMs: atMs,
  endedAtMs: v.nullable(atMs),
  counts: v.object({ running: number, done: number, failed: number, givenUp: number }),
  bytes,
});

export type RunNode = Readonly<v.InferOutput<typeof runNodeSchema>>;
export type RunSample = Readonly<v.InferOutput<typeof runSampleSchema>>;
export type RunDocument = v.InferOutput<typeof runSchema>;
export type RunSummary = v.InferOutput<typeof runSummarySchema>;
export type RunBytes = RunSample['bytes'];

export function summaryOf({ id, startedAtMs, endedAtMs, nodes }: RunDocument): RunSummary {
  const count = (outcome: RunNode['outcome']) =>
    nodes.filter((node) => node.outcome === outcome).length;
  const counts = {
    ...{ running: count('running'), done: count('done') },
    ...{ failed: count('failed'), givenUp: count('given-up') },
  };
  return { id, startedAtMs, endedAtMs, counts, bytes: sumOf(nodes) };
}

export function sumOf(nodes: Iterable<Pick<RunNode, 'bytes'>>): RunBytes {
  const sum = { frontend: 0, peers: 0, rack: 0, fallback: 0 };
  for (const { bytes: own } of nodes) {
    sum.frontend += own.frontend;
    sum.peers += own.peers;
    sum.rack += own.rack;
    sum.fallback += own.fallback;
  }
  return sum;
}
