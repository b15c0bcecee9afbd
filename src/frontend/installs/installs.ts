import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { BootEvent } from '../nodes/boot-state.ts';
import type { NodeRecords } from '../nodes/records.ts';
import type { MachineNode } from '../nodes/types.ts';
import type { InstallLogs } from './install-logs.ts';
import { findTokenHolder, installTokenOf, type TokenHolder } from './token.ts';

/** How a machine's installs go on: from what it fetches, what it says, and what it does not say. */
export type Installs = {
  /** The token of the node's latest install. */
  readonly tokenOf: (node: MachineNode) => string;
  readonly holderOf: (token: string) => TokenHolder;
  /** Its loader asks what to boot; the answer is for the node that is returned. */
  readonly bootFileAsked: (node: MachineNode) => MachineNode;
  /** Its installer has fetched how to install. */
  readonly kickstartSent: (node: MachineNode) => MachineNode;
  /** What the installer says at its end. It is kept when the call returns. Throws DatabaseError. */
  readonly ended: (node: MachineNode, end: InstallEnd) => MachineNode;
  readonly close: () => Promise<void>;
};

export type InstallEnd =
  | { readonly kind: 'success' }
  | {
      readonly kind: 'failure';
      readonly reason: string;
      /** The last lines of the installer's log. */
      readonly logText: string;
    };

export type InstallsDeps = {
  readonly log: Log;
  readonly nodes: NodeRecords;
  readonly logs: InstallLogs;
  readonly key: Buffer;
  readonly nowMs?: () => number;
};

/** How often it is looked for installs that have fallen silent. */
const lookEveryMs = 1_000;

export function createInstalls(
  { log, nodes, logs, key, nowMs = Date.now }: InstallsDeps,
  { silenceLimitMs }: { readonly silenceLimitMs: number },
): Installs {
  const happen = (node: MachineNode, event: BootEvent): MachineNode => {
    const change = nodes.store.happen(node.name, event);
    if (change?.after === undefined) return nodes.store.byName(node.name) ?? node;
    record(nodes, node, change.after);
    return change.after;
  };
  const keepLog = (node: MachineNode, text: string): void => {
    try {
      logs.keep(node, text);
    } catch (error) {
      log.warn('log of an install not kept', { node: node.name, reason: messageOf(error) });
    }
  };
  const isSilent = ({ bootState, stateAtMs }: MachineNode): boolean =>
    (bootState === 'booting' || bootState === 'installing') &&
    nowMs() - stateAtMs >= silenceLimitMs;
  const looking = setInterval(() => {
    const reason = `nothing was heard of its install for ${Math.round(silenceLimitMs / 1000)} s`;
    try {
      for (const node of nodes.store.all().filter(isSilent)) {
        happen(node, { kind: 'silence', reason });
      }
    } catch (error) {
      log.warn('silent installs not marked', { reason: messageOf(error) });
    }
  }, lookEveryMs).unref();
  return {
    tokenOf: (node) => installTokenOf(node, key),
    holderOf: (token) => findTokenHolder(nodes.store, token, key),
    bootFileAsked: (node) => quietly(log, node, () => happen(node, { kind: 'boot-file' })),
    kickstartSent: (node) =>
      quietly(log, node, () =>
        happen(node, { kind: 'kickstart', installNumber: node.installNumber }),
      ),
    ended: (node, end) => {
      const before = nodes.store.byName(node.name);
      const after = happen(node, { ...end, installNumber: node.installNumber });
      // Of several calls the first tells the cause.
      const isNews = before?.bootState !== 'failed' && after.bootState === 'failed';
      if (end.kind === 'failure' && isNews) keepLog(after, end.logText);
      return after;
    },
    close: async () => clearInterval(looking),
  };
}

/** A database that cannot be written must not keep a machine from booting. */
function quietly(log: Log, node: MachineNode, work: () => MachineNode): MachineNode {
  try {
    return work();
  } catch (error) {
    log.warn('boot state not kept', { node: node.name, reason: messageOf(error) });
    return node;
  }
}

function record({ events }: NodeRecords, before: MachineNode, after: MachineNode): void {
  const { name, bootReason } = after;
  events.record({
    machine: name,
    event: 'state',
    text: `${before.bootState} → ${after.bootState}`,
    ...(bootReason === undefined ? {} : { reason: bootReason }),
  });
}
