import type { Database } from '../../runtime/database.ts';
import type { AttributeChange } from '../attributes/store.ts';
import type { NodeChange } from '../nodes/node-index.ts';
import type { Operator } from '../operators/types.ts';
import { describeAttributeChanges } from './attribute-entries.ts';
import { describeNodeChanges } from './node-entries.ts';
import { type AuditQuery, readAudit, recordAudit } from './rows.ts';
import type { AuditEntry, AuditRecord } from './types.ts';

/** Writes down who changed what, in the transaction of the change: there is never one alone. */
export type AuditTrail = {
  /** Something that is not in the database; in a transaction of its own. Throws DatabaseError. */
  readonly record: (entry: AuditEntry) => void;
  /** Throws DatabaseError. */
  readonly read: (query: AuditQuery) => readonly AuditRecord[];
  /** What `work` changes is changed by this operator. It may not wait for anything. */
  readonly as: <Result>(operator: Operator, work: () => Result) => Result;
  /** Whose changes those of now are; undefined: nobody's. */
  readonly current: () => Operator | undefined;
  /** For stores, each in its transaction. What nobody has ordered is not an operator's change. */
  readonly nodesChanged: (database: Database, changes: readonly NodeChange[]) => void;
  readonly attributesChanged: (database: Database, changes: readonly AttributeChange[]) => void;
};

/** `usual`: who changes things where nobody is named, such as the user of a command. */
export function createAuditTrail({
  database,
  usual,
}: {
  readonly database: Database;
  readonly usual?: Operator | undefined;
}): AuditTrail {
  let current = usual;
  return {
    record: (entry) => database.transaction(() => recordAudit(database, entry)),
    read: (query) => readAudit(database, query),
    as: (operator, work) => {
      const before = current;
      current = operator;
      try {
        return work();
      } finally {
        current = before;
      }
    },
    current: () => current,
    nodesChanged: (written, changes) => {
      if (current === undefined) return;
      for (const what of describeNodeChanges(changes)) {
        recordAudit(written, { by: current, ...what });
      }
    },
    attributesChanged: (written, changes) => {
      if (current === undefined) return;
      for (const what of describeAttributeChanges(changes)) {
        recordAudit(written, { by: current, ...what });
      }
    },
  };
}
