import * as v from 'valibot';
import type { MachineNode } from '../nodes/types.ts';
import type { InstallFacts } from './types.ts';

/** The JSON of nodes' installs: of all nodes first, then of those that have changed. */

/** Where the frontend serves it, below `/api/v1`. */
export const followInstallsPath = '/installs/follow';

const factsSchema = v.object({
  name: v.string(),
  bootState: v.picklist(['os', 'install', 'booting', 'installing', 'failed']),
  bootReason: v.nullable(v.string()),
  stateAtMs: v.number(),
  installNumber: v.number(),
});

export const installNewsSchema = v.object({
  nodes: v.array(factsSchema),
  /** The names of those that are no nodes any more. */
  removed: v.array(v.string()),
});

export type InstallNewsDocument = v.InferOutput<typeof installNewsSchema>;

export function factsDocumentOf(node: MachineNode): InstallNewsDocument['nodes'][number] {
  const { name, bootState, bootReason = null, stateAtMs, installNumber } = node;
  return { name, bootState, bootReason, stateAtMs, installNumber };
}

export function factsOf({
  name,
  bootState,
  bootReason,
  stateAtMs,
  installNumber,
}: Pick<MachineNode, keyof InstallFacts> | InstallNewsDocument['nodes'][number]): InstallFacts {
  return { name, bootState, bootReason: bootReason ?? undefined, stateAtMs, installNumber };
}
