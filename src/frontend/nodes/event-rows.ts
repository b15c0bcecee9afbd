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

/** As it is in the database. Each has a greater id than those that were told before, for ever. */
export type StoredEvent = MachineEvent & { readonly id: number };

const rowSchema = v.object({
  id: v.number(),
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
  SELECT id, count, at_ms, events.machine AS machine, mac, event, text, reason, path, size_bytes,
    elapsed_ms
  FROM events
  JOIN (SELECT MAX(id) AS last, COUNT(*) AS count FROM events GROUP BY machine) ON id = last
  ORDER BY id DESC`;
const columns = 'id, at_ms, machine, mac, event, text, reason, path, size_bytes, elapsed_ms';
const selectAfter = `SELECT ${columns} FROM events WHERE id > ? ORDER BY id LIMIT ?`;
const selectAfterOf = `
  SELECT ${columns} FROM events WHERE machine = ? AND id > ? ORDER BY id LIMIT ?`;
const newestToGo = `
  SELECT id FROM events WHERE machine = ? ORDER BY id DESC LIMIT 1 OFFSET ?`;
const noteGone = 'UPDATE events_gone SET up_to = max(up_to, ?)';
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
): readonly StoredEvent[] {
  const rows = machines.flatMap((machine) => database.all(select, machine, limit));
  const sorted = rows.toSorted((a, b) => Number(a.id) - Number(b.id));
  return sorted.slice(-limit).map(eventFrom);
}

/** Those after an id, of these machines or of all, the oldest first. */
export function readEventsAfter(
  database: Database,
  { id, machines, limit }: EventsAfter,
): readonly StoredEvent[] {
  if (machines === undefined) return database.all(selectAfter, id, limit).map(eventFrom);
  const rows = machines.flatMap((machine) => database.all(selectAfterOf, machine, id, limit));
  const sorted = rows.toSorted((a, b) => Number(a.id) - Number(b.id));
  return sorted.slice(0, limit).map(eventFrom);
}

export type EventsAfter = {
  readonly id: number;
  /** Undefined: all. */
  readonly machines: readonly string[] | undefined;
  readonly limit: number;
};

/** The id of the event that was written last, whether it is still there or not. */
export function readLastEventId(database: Database): number {
  const [row] = database.all("SELECT seq FROM sqlite_sequence WHERE name = 'events'");
  return Number(row?.seq ?? 0);
}

/** Up to this id some events have gone to make room for others; 0: none. */
export function readGoneEventId(database: Database): number {
  return Number(database.all('SELECT up_to FROM events_gone')[0]?.up_to ?? 0);
}

/** The id of a machine's oldest event (0: it has none), and how many there are. */
export function readExtent(
  database: Database,
  machine: string,
): { readonly oldestId: number; readonly count: number } {
  const sql = 'SELECT MIN(id) AS oldest, COUNT(*) AS count FROM events WHERE machine = ?';
  const [row] = database.all(sql, machine);
  return { oldestId: Number(row?.oldest ?? 0), count: Number(row?.count ?? 0) };
}

/** The last event of each machine, and how many there are; the newest first. */
export function readLastEvents(
  database: Database,
): readonly { readonly count: number; readonly last: StoredEvent }[] {
  const rows = database.all(selectLast);
  return rows.map((row) => ({ count: Number(row.count), last: eventFrom(row) }));
}

/** Keeps the last `limit` events of a machine, 0 or more. */
export function trimEvents(database: Database, machine: string, limit: number): void {
  const id = database.all(newestToGo, machine, limit)[0]?.id;
  if (id === undefined) return;
  database.run('DELETE FROM events WHERE machine = ? AND id <= ?', machine, Number(id));
  database.run(noteGone, Number(id));
}

/** Of a machine that is to be forgotten. */
export function deleteEvents(database: Database, machine: string): void {
  database.run('DELETE FROM events WHERE machine = ?', machine);
}

/** How many events each machine has; who was heard of last comes last. */
export function countEvents(database: Database): ReadonlyMap<string, number> {
  const rows = database.all(count);
  return new Map(rows.map((row) => [String(row.machine), Number(row.count)]));
}

function eventFrom(row: unknown): StoredEvent {
  const result = v.safeParse(rowSchema, row);
  if (!result.success) {
    const message = `expected an event in the database, got: ${result.issues[0].message}`;
    throw new DatabaseError('unusable', `${message}; was it written by something else?`);
  }
  const { id, at_ms, machine, mac, event, text, reason, path, size_bytes, elapsed_ms } =
    result.output;
  return {
    id,
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
