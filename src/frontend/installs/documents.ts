import * as v from 'valibot';
import { installPhases } from '../../protocol/install-progress.ts';
import type { MachineNode } from '../nodes/types.ts';
import type { InstallProgress } from './merge-progress.ts';

/** The JSON forms of installs' progress. Null stands for what is not known. */

const text = v.string();
const number = v.number();
const atMs = v.pipe(number, v.description('Milliseconds since 1970.'));

export const progressSchema = v.object({
  heardAtMs: atMs,
  phases: v.array(v.object({ name: v.picklist(installPhases), atMs, detail: v.nullable(text) })),
  packages: v.nullable(v.object({ done: number, total: v.nullable(number) })),
  bytes: v.pipe(
    v.object({ frontend: number, peers: number, rack: number, fallback: number }),
    v.description(
      'Received: pieces from the frontend, from peers of other racks, of the own rack, and all ' +
        'else that came from the frontend by HTTP.',
    ),
  ),
  rateBytesPerSecond: number,
  trees: v.array(text),
  agentVersion: text,
});

export const watchedNodeSchema = v.object({
  name: text,
  role: text,
  rack: v.nullable(number),
  rank: v.nullable(number),
  bootAction: text,
  bootState: v.picklist(['os', 'install', 'booting', 'installing', 'failed']),
  bootReason: v.nullable(text),
  stateAtMs: atMs,
  installNumber: number,
  progress: v.nullable(progressSchema),
  undo: v.exactOptional(
    v.pipe(
      v.object({ orderedAtMs: atMs, by: v.nullable(text) }),
      v.description('Of its latest order, as long as that can be taken back.'),
    ),
  ),
});

/** First all nodes that are watched, then those of which there is news. */
export const watchNewsSchema = v.object({
  nowMs: v.pipe(number, v.description("The frontend's clock, in milliseconds since 1970.")),
  nodes: v.array(watchedNodeSchema),
  removed: v.array(text),
});

export type ProgressDocument = v.InferOutput<typeof progressSchema>;
export type WatchedNode = v.InferOutput<typeof watchedNodeSchema>;
export type WatchNews = v.InferOutput<typeof watchNewsSchema>;

/** Where the frontend serves it, below `/api/v1`. */
export const watchInstallsPath = '/installs/watch';

export function progressDocumentOf(progress: InstallProgress): ProgressDocument {
  const { heardAtMs, phases, packages, bytes, rateBytesPerSecond, trees, agentVersion } = progress;
  return {
    heardAtMs,
    phases: phases.map(({ name, atMs: begunAtMs, detail = null }) => {
      return { name, atMs: begunAtMs, detail };
    }),
    packages:
      packages === undefined ? null : { done: packages.done, total: packages.total ?? null },
    bytes,
    rateBytesPerSecond,
    trees: [...trees],
    agentVersion,
  };
}

export function watchedNodeOf(
  node: MachineNode,
  progress: InstallProgress | undefined,
): WatchedNode {
  const { name, role, rack = null, rank = null, bootAction, bootState } = node;
  const { bootReason = null, stateAtMs, installNumber, undo } = node;
  return {
    ...{ name, role, rack, rank, bootAction, bootState, bootReason, stateAtMs, installNumber },
    progress: progress === undefined ? null : progressDocumentOf(progress),
    ...(undo && { undo: { orderedAtMs: undo.orderedAtMs, by: undo.by ?? null } }),
  };
}
