import {
  type EventDocument,
  eventDocumentOf,
  type NewNode,
  type NodePatch,
  type StrangerDocument,
  strangerDocumentOf,
} from './documents.ts';
import type { NodeRecords } from './records.ts';
import { machinesOf, nodeNamed, strangersOf } from './stories.ts';
import type { MachineNode } from './types.ts';

/**
 * What an operator does with nodes: on the records themselves, or through a frontend that has
 * them. Rejects with NodesError or DatabaseError.
 */
export type NodeOperations = {
  readonly list: () => Promise<readonly MachineNode[]>;
  readonly show: (name: string) => Promise<MachineNode>;
  readonly add: (node: NewNode) => Promise<MachineNode>;
  readonly set: (name: string, patch: NodePatch) => Promise<MachineNode>;
  readonly remove: (name: string) => Promise<MachineNode>;
  readonly boot: (names: readonly string[], action: string) => Promise<readonly MachineNode[]>;
  /** Of a node, or of the MAC of a machine that is none. */
  readonly events: (name: string) => Promise<readonly EventDocument[]>;
  /** Machines that are no nodes; who was heard of last comes first. */
  readonly strangers: () => Promise<readonly StrangerDocument[]>;
};

export function createLocalOperations(records: NodeRecords): NodeOperations {
  const { store, events } = records;
  return {
    list: async () => store.all(),
    show: async (name) => nodeNamed(store, name),
    add: async (node) => store.add(node),
    set: async (name, patch) => store.set(name, patch),
    remove: async (name) => store.remove(name),
    boot: async (names, action) => store.boot(names, action),
    strangers: async () => strangersOf(records).map(strangerDocumentOf),
    events: async (name) => events.read(machinesOf(store, name)).map(eventDocumentOf),
  };
}

/** Where the frontend serves the same by HTTP. */
export const nodesPath = '/api/v1/nodes';
export const strangersPath = '/api/v1/strangers';

export function pathOf(name: string): string {
  return `${nodesPath}/${encodeURIComponent(name)}`;
}
