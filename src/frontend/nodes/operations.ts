import {
  type EventDocument,
  eventDocumentOf,
  type NewNode,
  type NodePatch,
  type StrangerDocument,
  strangerDocumentOf,
} from './documents.ts';
import type { NodeRecords } from './records.ts';
import { selectNodes } from './selection.ts';
import { machinesOf, nodeNamed, strangersOf } from './stories.ts';
import type { MachineNode } from './types.ts';

/**
 * What an operator does with nodes: on the records themselves, or through a frontend that has
 * them. Rejects with NodesError or DatabaseError.
 */
export type NodeOperations = {
  /** All nodes, or those of a selection, which may be none; see selectNodes. */
  readonly list: (selection?: readonly string[]) => Promise<readonly MachineNode[]>;
  readonly show: (name: string) => Promise<MachineNode>;
  readonly add: (node: NewNode) => Promise<MachineNode>;
  /** Each of these is done to all that are selected or, when that fails, to none. */
  readonly set: (selection: readonly string[], patch: NodePatch) => Promise<readonly MachineNode[]>;
  readonly remove: (selection: readonly string[]) => Promise<readonly MachineNode[]>;
  readonly boot: (selection: readonly string[], action: string) => Promise<readonly MachineNode[]>;
  /** Takes back the latest order of those that have not booted since; answers which those are. */
  readonly undo: (selection: readonly string[]) => Promise<readonly MachineNode[]>;
  /** Of a node, or of the MAC of a machine that is none. */
  readonly events: (name: string) => Promise<readonly EventDocument[]>;
  /** Machines that are no nodes; who was heard of last comes first. */
  readonly strangers: () => Promise<readonly StrangerDocument[]>;
};

export function createLocalOperations(records: NodeRecords): NodeOperations {
  const { store, events } = records;
  return {
    list: async (selection) =>
      selection === undefined ? store.all() : selectNodes(store, selection),
    show: async (name) => nodeNamed(store, name),
    add: async (node) => store.add(node),
    set: async (selection, patch) => store.setAll(selection, patch),
    remove: async (selection) => store.removeAll(selection),
    boot: async (selection, action) => store.boot(selection, action),
    undo: async (selection) => store.undo(selection),
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
