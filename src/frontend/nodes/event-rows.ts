import * as v from 'valibot';
import { type Database, DatabaseError } from '../../runtime/database.ts';

/** One moment of a machine's story. */
export type MachineEvent = {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** The node's name, or the MAC of a machine that is no node. */
  readonly machine: string;
  /** The network card concerned, where that is known. */
  readonly mac: string | undefined;
  /** A short name in words, such as `offer` or `boot file`. */
  readonly event: string;
  readonly text: string;
  /** Why something was refused. */
  readonly reason: string | undefined;
  readonly path: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly elapsedMs: number | undefined;
};

const rowSchema = v.object({
  at_ms: v.number(),
  machine: v.string(),
  mac: v.nullable(v.string()),
  event: v.string(),
  text: v.string(),
  reason: v.nullable(v.string()),
  path: v.nullable(v.string()),
  size_bytes: v.nullable(v.number()),
  elapsed_ms: v.nullable(v.number()),
});

const insert = `
  INSERT INTO events (at_ms, machine, mac, event, text, reason, path, size_bytes, elapsed_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const select = `
  SELECT id, at_ms, machine, mac, event, text, reason, path, size_bytes, elapsed_ms FROM events
  WHERE machine = ? ORDER BY id DESC LIMIT ?`;
const selectLast = `
  SELECT count, at_ms, events.machine AS machine, mac, event, text, reason, path, size_bytes,
    elapsed_ms
  FROM events
  JOIN (SELECT MAX(id) AS last, COUNT(*) AS count FROM events GROUP BY machine) ON id = last
  ORDER BY id DESC`;
const trim = `
  DELETE FROM events WHERE machine = ?1 AND id <= (
    SELECT id FROM events WHERE machine = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`;
const count = `
  SELECT machine, COUNT(*) AS count, MAX(id) AS last FROM events GROUP BY machine ORDER BY last`;

export function insertEvent(database: Database, event: MachineEvent): void {
  const { atMs, machine, mac = null, text, reason = null, path = null } = event;
  const { sizeBytes = null, elapsedMs = null } = event;
  const values = [atMs, machine, mac, event.event, text, reason, path, sizeBytes, elapsedMs];
  database.run(insert, ...values);
}

/** The last events of all these machines together, the oldest first. */
export function readEvents(
  database: Database,
  machines: readonly string[],
  limit: number,
): readonly MachineEvent[] {
  const rows = machines.flatMap((machine) => database.all(select, machine, limit));
  const sorted = rows.toSorted((a, b) => Number(a.id) - Number(b.id));
  return sorted.slice(-limit).map(eventFrom);
}

/** The last event of each machine, and how many there are; the newest first. */
export function readLastEvents(
  database: Database,
): readonly { readonly count: number; readonly last: MachineEvent }[] {
  const rows = database.all(selectLast);
  return rows.map((row) => ({ count: Number(row.count), last: eventFrom(row) }));
}

/** Keeps the last `limit` events of a machine. */
export function trimEvents(database: Database, machine: string, limit: number): void {
  database.run(trim, machine, limit);
}

export function deleteEvents(database: Database, machine: string): void {
  database.run('DELETE FROM events WHERE machine = ?', machine);
}

/** How many events each machine has; who was heard of last comes last. */
export function countEvents(database: Database): ReadonlyMap<string, number> {
  const rows = database.all(count);
  return new Map(rows.map((row) => [String(row.machine), Number(row.count)]));
}

function eventFrom(row: unknown): MachineEvent {
  const result = v.safeParse(rowSchema, row);
  if (!result.success) {
    const message = `expected an event in the database, got: ${result.issues[0].message}`;
    throw new DatabaseError('unusable', `${message}; was it written by something else?`);
  }
  const { at_ms, machine, mac, event, text, reason, path, size_bytes, elapsed_ms } = result.output;
  return {
    atMs: at_ms,
    machine,
    mac: mac ?? undefined,
    event,
    text,
    reason: reason ?? undefined,
    path: path ?? undefined,
    sizeBytes: size_bytes ?? undefined,
    elapsedMs: elapsed_ms ?? undefined,
  };
}
