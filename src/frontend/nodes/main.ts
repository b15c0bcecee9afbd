import { existsSync } from 'node:fs';
import { silentLog } from '../../runtime/log.ts';
import { localOperator } from '../operators/local-operator.ts';
import { documentOf, type EventDocument, type NodeDocument } from './documents.ts';
import { NodesError } from './errors.ts';
import { followEvents } from './follow.ts';
import { indexOf } from './node-index.ts';
import { createLocalOperations, type NodeOperations } from './operations.ts';
import { databasePath, type NodeRecords, openNodeRecords } from './records.ts';
import { createRemoteOperations, NoFrontend } from './remote-operations.ts';
import { selectSome } from './selection.ts';
import type { MachineNode } from './types.ts';

/** What can be done with the nodes of a state folder, whether its frontend runs or not. */
export type NodesOfState = NodeOperations & {
  /** Those of a selection: at least one. */
  readonly showAll: (selection: readonly string[]) => Promise<readonly MachineNode[]>;
  /** See followEvents. */
  readonly follow: (name: string, signal: AbortSignal) => AsyncGenerator<EventDocument, void>;
  /** A node in the JSON form of the API. */
  readonly document: (node: MachineNode) => NodeDocument;
};

type Work<Result> = (operations: NodeOperations) => Promise<Result>;

export type NodesConfig = {
  readonly state: string;
  /** What is defined where no frontend runs; the built-in ones unless given. */
  readonly bootActions?: readonly string[];
  readonly installActions?: ReadonlySet<string>;
};

export function createNodes({ state, ...actions }: NodesConfig): NodesOfState {
  const remote = createRemoteOperations(state);
  const openAt = (path: string) =>
    openNodeRecords({ log: silentLog }, { path, ...actions, operator: localOperator() });
  const reading = <Result>(work: Work<Result>) =>
    either(remote, work, () => openAt(readPath(state)));
  const writing = <Result>(work: Work<Result>) =>
    either(remote, work, () => openAt(databasePath(state)));
  return {
    list: (selection) => reading((nodes) => nodes.list(selection)),
    show: (name) => reading((nodes) => nodes.show(name)),
    showAll: async (selection) => {
      const all = await reading((nodes) => nodes.list());
      return selectSome(indexOf(all), selection);
    },
    strangers: () => reading((nodes) => nodes.strangers()),
    events: (name) => reading((nodes) => nodes.events(name)),
    add: (node) => writing((nodes) => nodes.add(node)),
    set: (selection, patch) => writing((nodes) => nodes.set(selection, patch)),
    remove: (selection) => writing((nodes) => nodes.remove(selection)),
    boot: (selection, action) => writing((nodes) => nodes.boot(selection, action)),
    undo: async (selection) => {
      const undone = await writing((nodes) => nodes.undo(selection));
      if (undone.length === 0) throw nothingToUndo(selection);
      return undone;
    },
    follow: (name, signal) => followEvents(state, name, signal),
    document: documentOf,
  };
}

function nothingToUndo(selection: readonly string[]): NodesError {
  const expected = `expected an order of ${selection.join(' ')} that is not followed yet, found none`;
  const message = `${expected}; 'scree node list' says what they boot`;
  return new NodesError('nothing-to-undo', message);
}

/** To look is no reason to make a state folder. */
function readPath(state: string): string {
  const path = databasePath(state);
  return existsSync(path) ? path : ':memory:';
}

async function either<Result>(
  remote: NodeOperations,
  work: Work<Result>,
  open: () => NodeRecords,
): Promise<Result> {
  try {
    return await work(remote);
  } catch (error) {
    if (!(error instanceof NoFrontend)) throw error;
  }
  const records = open();
  try {
    return await work(createLocalOperations(records));
  } finally {
    await records.close();
  }
}
