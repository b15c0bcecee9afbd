import { join } from 'node:path';
import { openDatabase } from '../../runtime/database.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { type AttributeStore, createAttributeStore } from '../attributes/store.ts';
import { type AuditTrail, createAuditTrail } from '../audit/trail.ts';
import { createHeardRows, type HeardRows } from '../installs/heard-rows.ts';
import { createInstallLogs, type InstallLogs } from '../installs/install-logs.ts';
import { createProgressRows, type ProgressRows } from '../installs/progress-rows.ts';
import { createTokenStore, type TokenStore } from '../operators/token-store.ts';
import type { Operator } from '../operators/types.ts';
import { createOrderRows, type OrderRows } from '../orders/order-rows.ts';
import { builtInBootActions } from './boot-actions.ts';
import { createEventLog, type EventLog } from './event-log.ts';
import { describeOrders } from './order-story.ts';
import { migrations } from './schema.ts';
import { createNodeStore, type NodeStore } from './store.ts';

/** What a state folder knows of machines. */
export type NodeRecords = {
  readonly store: NodeStore;
  readonly events: EventLog;
  readonly attributes: AttributeStore;
  readonly logs: InstallLogs;
  readonly heard: HeardRows;
  readonly progress: ProgressRows;
  readonly orders: OrderRows;
  readonly tokens: TokenStore;
  readonly audit: AuditTrail;
  readonly close: () => Promise<void>;
};

export type NodeRecordsConfig = {
  /** The database: see databasePath; `:memory:` for none. */
  readonly path: string;
  /** The boot actions that are defined; the built-in ones unless given. */
  readonly bootActions?: readonly string[];
  /** Those of them that install; `install` unless given. */
  readonly installActions?: ReadonlySet<string>;
  /** Whose changes they are where nobody else is named. */
  readonly operator?: Operator;
};

const limits = { perMachine: 200, strangers: 1024 };
const refreshEveryMs = 1_000;

export function databasePath(stateFolder: string): string {
  return join(stateFolder, 'scree.db');
}

/**
 * Opens the machines of a state folder, and sees within a second what other processes write.
 * Throws DatabaseError.
 */
export function openNodeRecords(
  { log }: { readonly log: Log },
  { path, operator, bootActions = builtInBootActions, ...actions }: NodeRecordsConfig,
): NodeRecords {
  // What an operator orders survives a power cut; for events that would cost too many disk writes.
  const nodes = openDatabase({ path, migrations, isDurable: true, waitMs: 2_000 });
  // In memory each connection has a database of its own.
  const hasty =
    path === ':memory:'
      ? nodes
      : openDatabase({ path, migrations, isDurable: false, waitMs: 2_000 });
  const stories = openDatabase({ path, migrations, isDurable: false, waitMs: 50 });
  const audit = createAuditTrail({ usual: operator, database: nodes });
  const events = createEventLog({ database: stories, log }, limits);
  const store = createNodeStore(
    {
      ...{ database: nodes, hasty, onWrite: audit.nodesChanged, operator: audit.current },
      onOrder: (changes, kind) => {
        for (const event of describeOrders(changes, kind, audit.current())) events.record(event);
      },
    },
    { bootActions, ...actions },
  );
  store.onChange((changes) => {
    for (const { before, after } of changes) {
      if (before !== undefined && after === undefined) events.forget(before.name);
    }
  });
  const refreshing = setInterval(() => {
    try {
      store.refresh();
    } catch (error) {
      log.warn('nodes not read again', { reason: messageOf(error) });
    }
  }, refreshEveryMs).unref();
  return {
    store,
    events,
    attributes: createAttributeStore({ database: nodes, onWrite: audit.attributesChanged }),
    logs: createInstallLogs({ database: hasty }),
    heard: createHeardRows({ database: hasty }),
    progress: createProgressRows({ database: hasty }),
    orders: createOrderRows({ database: hasty }),
    tokens: createTokenStore({ database: nodes, hasty }),
    audit,
    close: async () => {
      clearInterval(refreshing);
      events.close();
      stories.close();
      if (hasty !== nodes) hasty.close();
      nodes.close();
    },
  };
}
