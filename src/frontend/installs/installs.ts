import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { BootEvent } from '../nodes/boot-state.ts';
import type { NodeRecords } from '../nodes/records.ts';
import type { MachineNode } from '../nodes/types.ts';
import { createEndedInstalls } from './ended-installs.ts';
import { createHeardInstalls } from './heard-installs.ts';
import type { InstallLogs } from './install-logs.ts';
import { findTokenHolder, installTokenOf, type TokenHolder } from './token.ts';
import { watchSilence } from './watch-silence.ts';

/** How a machine's installs go on: from what it fetches, what it says, and what it does not say. */
export type Installs = {
  /** The token of the node's latest install. */
  readonly tokenOf: (node: MachineNode) => string;
  readonly holderOf: (token: string) => TokenHolder;
  /**
   * Its loader asks what to boot; the answer is for the node that is returned. When it cannot be
   * written down that an install begins, or has begun, that is one whose install has failed.
   */
  readonly bootFileAsked: (node: MachineNode) => MachineNode;
  /**
   * Its installer asks how to install; it may be told when the node that is returned is
   * `installing`. Throws DatabaseError: an install that nobody knows of could begin again and again.
   */
  readonly kickstartAsked: (node: MachineNode) => MachineNode;
  /**
   * Shows that its install goes on: the silence limit begins anew. `what` is told should it be the
   * last that was heard: `fetched packages/a.deb`, `said: 12 of 400 packages`. To be called for what
   * only an install that goes on does, not for what a hung one goes on doing.
   */
  readonly heard: (node: MachineNode, what: string) => void;
  /** What the installer says at its end. It is kept when the call returns. Throws DatabaseError. */
  readonly ended: (node: MachineNode, end: InstallEnd) => MachineNode;
  /**
   * A machine that boots its disk wants to be installed anew; it is when the node that is returned
   * is in state `install`. Its change is told with its origin. Throws DatabaseError.
   */
  readonly askedAgain: (node: MachineNode, address: string) => MachineNode;
  /** Told of each node whose installer has said that all is well, once it boots its disk. */
  readonly followSuccess: (listener: (node: MachineNode) => void) => void;
  readonly close: () => Promise<void>;
};

export type InstallEnd = {
  /** The last lines of the installer's log; empty where there is none. */
  readonly logText: string;
} & ({ readonly kind: 'success' } | { readonly kind: 'failure'; readonly reason: string });

export type InstallsDeps = {
  readonly log: Log;
  readonly nodes: NodeRecords;
  readonly logs: InstallLogs;
  readonly key: Buffer;
  readonly nowMs?: () => number;
  /** See SilenceWatchDeps. */
  readonly monotonicMs?: () => number;
};

/** Beyond that a machine starts its installer again and again, and never gets anywhere. */
const mostBoots = 5;

export function createInstalls(
  { log, nodes, logs, key, nowMs = Date.now, monotonicMs = readMonotonicMs }: InstallsDeps,
  { silenceLimitMs }: { readonly silenceLimitMs: number },
): Installs {
  const happen = (node: MachineNode, event: BootEvent, origin?: string): MachineNode => {
    const change = nodes.store.happen(node.name, event);
    if (change?.after === undefined) return nodes.store.byName(node.name) ?? node;
    record(nodes, change.before ?? node, change.after, origin);
    return change.after;
  };
  const keepLog = (node: MachineNode, text: string): void => {
    try {
      logs.keep(node, text);
    } catch (error) {
      log.warn('log of an install not kept', { node: node.name, reason: messageOf(error) });
    }
  };
  const onSuccess: ((node: MachineNode) => void)[] = [];
  const heard = createHeardInstalls({ rows: nodes.heard, byName: nodes.store.byName, nowMs });
  const { close: forgetEnded, nameOf: nameOfEnded } = createEndedInstalls(nodes.store);
  const tokenNodes = { all: nodes.store.all, byName: nodes.store.byName, nameOfEnded };
  const watch = watchSilence({
    ...{ log, nodes: nodes.store, heard, nowMs, monotonicMs, limitMs: silenceLimitMs },
    onSilent: (node, reason) => void happen(node, { kind: 'silence', reason }),
  });
  const askedToBoot = (node: MachineNode): MachineNode => {
    const after = happen(node, { kind: 'boot-file' });
    if (after.bootState !== 'booting' || heard.began(after) <= mostBoots) return after;
    const reason = `it has begun to boot ${mostBoots + 1} times, and never said that it was done`;
    return happen(after, { kind: 'silence', reason: `${reason}; its screen may tell why` });
  };
  return {
    tokenOf: (node) => installTokenOf(node, key),
    holderOf: (token) => findTokenHolder(tokenNodes, token, key),
    bootFileAsked: (node) => {
      try {
        return askedToBoot(node);
      } catch (error) {
        log.error('boot state not written', { node: node.name, reason: messageOf(error) });
        return withoutInstall(node, messageOf(error));
      }
    },
    kickstartAsked: (node) => {
      const { installNumber } = node;
      const known = nodes.store.byName(node.name);
      // Of the many files of an install only the first is worth a write.
      const isKnown = known?.bootState === 'installing' && known.installNumber === installNumber;
      const after = isKnown ? known : happen(node, { kind: 'kickstart', installNumber });
      heard.note(after, 'was sent how to install');
      return after;
    },
    heard: heard.note,
    ended: (node, end) => {
      const before = nodes.store.byName(node.name);
      const after = happen(node, { ...end, installNumber: node.installNumber });
      // Of several calls the first tells the cause.
      const isNews = before?.bootState !== 'failed' && after.bootState === 'failed';
      if (end.kind === 'success' || isNews) keepLog(after, end.logText);
      if (end.kind === 'success' && after.bootState === 'os')
        for (const tell of onSuccess) tell(after);
      return after;
    },
    askedAgain: (node, address) => {
      const itself = { who: `node:${node.name}`, scope: 'boot', address } as const;
      const text = `it asked for it itself, from ${address}`;
      return nodes.audit.as(itself, () => happen(node, { kind: 'again' }, text));
    },
    followSuccess: (listener) => void onSuccess.push(listener),
    close: async () => {
      forgetEnded();
      watch.close();
    },
  };
}

const readMonotonicMs = () => performance.now();

/** What the node is taken for until it can be written down what becomes of it. */
function withoutInstall(node: MachineNode, reason: string): MachineNode {
  if (node.bootState === 'os' || node.bootState === 'failed') return node;
  const bootReason = `its install could not be written down: ${reason}`;
  return { ...node, bootState: 'failed', bootReason };
}

function record(
  { events }: NodeRecords,
  before: MachineNode,
  after: MachineNode,
  origin: string | undefined,
): void {
  const { name, bootReason: reason = origin } = after;
  if (before.bootState === after.bootState) return;
  events.record({
    machine: name,
    event: 'state',
    text: `${before.bootState} → ${after.bootState}`,
    ...(reason === undefined ? {} : { reason }),
  });
}
