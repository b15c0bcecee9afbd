import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../../runtime/database.ts';
import type { Operator } from '../operators/types.ts';
import { builtInInstallActions, readBootAction } from './boot-actions.ts';
import type { BootEvent, BootEventKind } from './boot-state.ts';
import type { NewNode, NodePatch } from './documents.ts';
import { numberInstalls } from './install-numbers.ts';
import { type NodeChange, NodeIndex, type Nodes } from './node-index.ts';
import { readNodes, readRevision, writeChanges } from './node-rows.ts';
import {
  findNode,
  planAdd,
  planBoot,
  planBootEvent,
  planPatch,
  planRemove,
  planUndo,
} from './plan-changes.ts';
import { selectSome } from './selection.ts';
import type { MachineNode } from './types.ts';

/** The changes of one transaction. */
export type ChangeListener = (changes: readonly NodeChange[]) => void;

/**
 * The machines. Reading is from memory; each write is one transaction, and in the database when
 * the call returns. Writes throw NodesError, or DatabaseError; nothing is changed then.
 */
export type NodeStore = Nodes & {
  readonly add: (node: NewNode) => MachineNode;
  readonly set: (name: string, patch: NodePatch) => MachineNode;
  readonly remove: (name: string) => MachineNode;
  /** The same change of all that are selected, or of none; see selectNodes. */
  readonly setAll: (selection: readonly string[], patch: NodePatch) => readonly MachineNode[];
  readonly removeAll: (selection: readonly string[]) => readonly MachineNode[];
  /** What the nodes boot next: all that are selected or, when a name is not known, none. */
  readonly boot: (selection: readonly string[], action: string) => readonly MachineNode[];
  /**
   * Takes back the latest order, or only the one of this time, of those of the selection that have
   * not booted since; they are returned.
   */
  readonly undo: (selection: readonly string[], orderedAtMs?: number) => readonly MachineNode[];
  /** Any changes; what the plan itself writes to the database belongs to the same transaction. */
  readonly change: (plan: () => readonly NodeChange[]) => readonly NodeChange[];
  /** Something that happened to a node; undefined where it changes nothing. */
  readonly happen: (name: string, event: BootEvent) => NodeChange | undefined;
  /** Takes in what other processes have written since. Cheap when they have not. */
  readonly refresh: () => void;
  /** Calls the listener after each change; what is returned ends that. */
  readonly onChange: (listener: ChangeListener) => () => void;
};

export type NodeStoreDeps = {
  readonly database: Database;
  /**
   * The same, but without waiting for the disk: for what a rack of machines does at one moment, and
   * what may be lost in a power cut without harm.
   */
  readonly hasty?: Database;
  readonly nowMs?: () => number;
  /** Who orders what is ordered now. */
  readonly operator?: () => Operator | undefined;
  /** Told of an operator's order, or undo, once it is written. */
  readonly onOrder?: (changes: readonly NodeChange[], kind: 'order' | 'undo') => void;
  /** Writes down, in the transaction of the changes, whose they are. */
  readonly onWrite?: (database: Database, changes: readonly NodeChange[]) => void;
};

export type NodeStoreConfig = {
  /** The boot actions that are defined. */
  readonly bootActions: readonly string[];
  /** Those of them that install; `install` unless given. */
  readonly installActions?: ReadonlySet<string>;
};

export function createNodeStore(
  { database, hasty = database, nowMs = Date.now, operator, onOrder, onWrite }: NodeStoreDeps,
  { bootActions, installActions = builtInInstallActions }: NodeStoreConfig,
): NodeStore {
  const index = new NodeIndex();
  const listeners = new Set<ChangeListener>();
  let revision = -1;

  const take = (changes: readonly NodeChange[]): void => {
    if (changes.length === 0) return;
    index.apply(changes);
    for (const listener of listeners) listener(changes);
  };
  const refresh = (): void => {
    if (readRevision(database) === revision) return;
    // Both from one state of the database.
    const fresh = database.transaction(() => ({
      nodes: readNodes(database),
      revision: readRevision(database),
    }));
    revision = fresh.revision;
    take(differences(index, fresh.nodes));
  };
  const write = (plan: () => readonly NodeChange[], through = database): readonly NodeChange[] => {
    refresh();
    const changes = through.transaction(() => {
      // Another process may have been faster: nothing is planned on what is no longer so.
      if (readRevision(through) !== revision) return undefined;
      const planned = numberInstalls(through, plan());
      if (planned.length > 0) {
        writeChanges(through, planned);
        onWrite?.(through, planned);
      }
      return planned;
    });
    if (changes === undefined) return write(plan, through);
    if (changes.length > 0) revision += 1;
    take(changes);
    return changes;
  };
  const order = (plan: () => readonly NodeChange[], kind: 'order' | 'undo') => {
    const changes = write(plan);
    onOrder?.(changes, kind);
    return nodesOf(changes);
  };
  const writeOne = (plan: () => readonly NodeChange[]): MachineNode => {
    const [node] = nodesOf(write(plan));
    if (node === undefined) throw new Error('expected one node to be written, got none');
    return node;
  };

  refresh();
  return {
    byName: index.byName,
    byMac: index.byMac,
    byUuid: index.byUuid,
    byAddress: index.byAddress,
    all: index.all,
    add: (node) => writeOne(() => [planAdd(index, node, nowMs())]),
    set: (name, patch) => writeOne(() => planPatch(index, [findNode(index, name)], patch)),
    remove: (name) => writeOne(() => planRemove([findNode(index, name)])),
    setAll: (selection, patch) =>
      nodesOf(write(() => planPatch(index, selectSome(index, selection), patch))),
    removeAll: (selection) => nodesOf(write(() => planRemove(selectSome(index, selection)))),
    boot: (selection, action) => {
      readBootAction(action, bootActions);
      const wanted = { action, installs: installActions.has(action) };
      const by = operator?.()?.who;
      return order(
        () => planBoot(selectSome(index, selection), wanted, { nowMs: nowMs(), by }),
        'order',
      );
    },
    undo: (selection, orderedAtMs) =>
      order(() => planUndo(selectSome(index, selection), orderedAtMs), 'undo'),
    change: (plan) => write(plan),
    happen: (name, event) => {
      const plan = () => planBootEvent(index, { ...event, name }, nowMs());
      return write(plan, lasting.has(event.kind) ? database : hasty)[0];
    },
    refresh,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** What does not come again by itself, should it be lost. */
const lasting: ReadonlySet<BootEventKind> = new Set(['success', 'failure', 'again']);

function nodesOf(changes: readonly NodeChange[]): readonly MachineNode[] {
  return changes.flatMap(({ before, after }) => after ?? before ?? []);
}

function differences(index: Nodes, fresh: readonly MachineNode[]): readonly NodeChange[] {
  const names = new Set(fresh.map(({ name }) => name));
  const gone = index.all().filter(({ name }) => !names.has(name));
  return [
    ...gone.map((before) => ({ before, after: undefined })),
    ...fresh
      .map((after) => ({ before: index.byName(after.name), after }))
      .filter(({ before, after }) => !isDeepStrictEqual(before, after)),
  ];
}
