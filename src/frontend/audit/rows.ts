import * as v from 'valibot';
import { type Database, DatabaseError, type DatabaseRow } from '../../runtime/database.ts';
import type { AuditEntry, AuditRecord } from './types.ts';

export type AuditQuery = {
  readonly limit: number;
  /** Only what concerns this. */
  readonly target?: string | undefined;
  /** Only what was done before that entry. */
  readonly beforeId?: number | undefined;
};

export type AuditLimits = { readonly entries: number; readonly targets: number };

const usualLimits: AuditLimits = { entries: 100_000, targets: 1_000_000 };
/** It is made room once in so many entries. */
const roomEvery = 64;
const longestDetail = 16 * 1024;

const rowSchema = v.object({
  id: v.number(),
  at_ms: v.number(),
  who: v.string(),
  address: v.nullable(v.string()),
  action: v.string(),
  detail: v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown())),
  targets: v.pipe(v.string(), v.parseJson(), v.array(v.string())),
});

const insert = `
  INSERT INTO audit (at_ms, who, address, action, target_count, detail) VALUES (?, ?, ?, ?, ?, ?)
  RETURNING id`;
const insertTarget = 'INSERT OR IGNORE INTO audit_targets (target, id, position) VALUES (?, ?, ?)';
const surplusOf = `
  DELETE FROM audit WHERE id <= (
    SELECT id FROM audit_targets ORDER BY id DESC, position DESC LIMIT 1 OFFSET ?)`;
const columns = `
  SELECT audit.*, (
    SELECT json_group_array(target ORDER BY position) FROM audit_targets
    WHERE audit_targets.id = audit.id) AS targets
  FROM audit`;

/** To be called in the transaction of the change itself. Throws DatabaseError. */
export function recordAudit(
  database: Database,
  { by, action, targets, detail }: AuditEntry,
  atMs: number = Date.now(),
  limits: AuditLimits = usualLimits,
): void {
  const values = [atMs, by.who, by.address ?? null, action, targets.length, textOf(detail)];
  const id = Number(database.all(insert, ...values)[0]?.id);
  for (const [position, target] of targets.entries()) {
    database.run(insertTarget, target, id, position);
  }
  if (id % roomEvery !== 0) return;
  database.run('DELETE FROM audit WHERE id <= ?', id - limits.entries);
  database.run(surplusOf, limits.targets);
}

/** The newest first. Throws DatabaseError. */
export function readAudit(
  database: Database,
  { limit, target, beforeId = Number.MAX_SAFE_INTEGER }: AuditQuery,
): readonly AuditRecord[] {
  const order = 'ORDER BY audit.id DESC LIMIT ?';
  const rows =
    target === undefined
      ? database.all(`${columns} WHERE id < ? ${order}`, beforeId, limit)
      : database.all(
          `${columns} JOIN audit_targets AS wanted ON wanted.id = audit.id
          WHERE wanted.target = ? AND audit.id < ? ${order}`,
          target,
          beforeId,
          limit,
        );
  return rows.map(recordFrom);
}

function textOf(detail: AuditEntry['detail']): string {
  const text = JSON.stringify(detail);
  if (text.length <= longestDetail) return text;
  return JSON.stringify({ shortened: Object.keys(detail).slice(0, 64) });
}

function recordFrom(row: DatabaseRow): AuditRecord {
  const result = v.safeParse(rowSchema, row);
  if (!result.success) {
    const message = `expected an audit entry in the database, got: ${result.issues[0].message}`;
    throw new DatabaseError('unusable', `${message}; was it written by something else?`);
  }
  const { at_ms, address, ...rest } = result.output;
  return { ...rest, atMs: at_ms, address: address ?? undefined };
}
