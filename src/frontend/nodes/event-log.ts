import type { Database } from '../../runtime/database.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { printable } from '../../runtime/printable.ts';
import { type EventCounts, forgetting, planRoom, readCounts } from './event-room.ts';
import {
  deleteEvents,
  type EventsAfter,
  insertEvent,
  type MachineEvent,
  readEvents,
  readEventsAfter,
  readExtent,
  readGoneEventId,
  readLastEventId,
  readLastEvents,
  type StoredEvent,
  trimEvents,
} from './event-rows.ts';
import { parseMac } from './names.ts';

/** What is told of a machine. `machine` is its node's name, else its MAC: lower case, colons. */
export type NewEvent = Pick<MachineEvent, 'machine' | 'event' | 'text'> &
  Partial<Pick<MachineEvent, 'mac' | 'reason' | 'path' | 'sizeBytes' | 'elapsedMs'>>;

export type Stranger = {
  readonly mac: string;
  readonly eventCount: number;
  readonly last: StoredEvent;
};

export type EventListener = {
  /** There are new events to be read. */
  readonly onWritten: () => void;
  /** Nothing more will come: the log was closed. */
  readonly onEnd: () => void;
};

/** The stories of machines, nodes or not: the last events of each, kept through a restart. */
export type EventLog = {
  /** Never throws. It is on the disk within a moment, and can be read at once. */
  readonly record: (event: NewEvent) => void;
  /** The last events of all these machines together, the oldest first. Throws DatabaseError. */
  readonly read: (machines: readonly string[]) => readonly StoredEvent[];
  /** Those after an id that are written already, the oldest first. Throws DatabaseError. */
  readonly after: (what: EventsAfter) => readonly StoredEvent[];
  /** The id of the event that was told last; 0: none ever was. Throws DatabaseError. */
  readonly lastId: () => number;
  /** True when events after this id may have gone already to make room. Throws DatabaseError. */
  readonly hasGap: (afterId: number, machines: readonly string[] | undefined) => boolean;
  /** The machines that are no nodes; who was heard of last comes first. Throws DatabaseError. */
  readonly strangers: () => readonly Stranger[];
  /** Tells the listener, a moment after each event, to look; what is returned ends that. */
  readonly follow: (listener: EventListener) => () => void;
  /** Drops what is kept of a machine. Never throws. */
  readonly forget: (machine: string) => void;
  readonly close: () => void;
};

export type EventLogConfig = {
  readonly perMachine: number;
  /** How many machines that are no nodes are remembered; who was silent longest goes first. */
  readonly strangers: number;
};

const flushAfterMs = 250;
// Somebody is looking.
const followedFlushAfterMs = 40;
const batchCount = 512;
// With a database that cannot be written, so much is kept for when it can be again.
const mostPending = 4096;
const longestText = 512;
const warnEveryMs = 60_000;

export function createEventLog(
  deps: { readonly database: Database; readonly log: Log; readonly now?: () => number },
  config: EventLogConfig,
): EventLog {
  const { database, log, now = Date.now } = deps;
  const listeners = new Set<EventListener>();
  const forgotten = new Set<string>();
  let pending: MachineEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  // Undefined when it has to be read from the database.
  let counts: EventCounts | undefined;
  let warnedAtMs = Number.NEGATIVE_INFINITY;

  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (pending.length === 0 && forgotten.size === 0) return;
    const known = forgetting(counts ?? readCounts(database), forgotten);
    // Should the writing fail, they are not what the database has.
    counts = undefined;
    const room = planRoom(known, pending, config);
    database.transaction(() => {
      for (const machine of forgotten) deleteEvents(database, machine);
      for (const event of room.kept) insertEvent(database, event);
      for (const machine of room.full) trimEvents(database, machine, config.perMachine);
      for (const machine of room.dropped) trimEvents(database, machine, 0);
    });
    counts = room.counts;
    forgotten.clear();
    pending = [];
    for (const { onWritten } of listeners) onWritten();
  };
  const flushSoon = (): void => {
    const waitMs = listeners.size > 0 ? followedFlushAfterMs : flushAfterMs;
    timer ??= setTimeout(flush, waitMs).unref();
  };
  const flush = (): void => {
    try {
      write();
    } catch (error) {
      pending = pending.slice(-mostPending);
      // Not when the next event comes, which may be at once.
      flushSoon();
      if (performance.now() - warnedAtMs < warnEveryMs) return;
      warnedAtMs = performance.now();
      log.warn('events of machines not kept', { reason: messageOf(error) });
    }
  };

  return {
    record: (told) => {
      const event = cleaned(told, now());
      pending.push(event);
      flushSoon();
      if (pending.length % batchCount === 0) flush();
    },
    read: (machines) => {
      write();
      return readEvents(database, machines, config.perMachine);
    },
    after: (what) => readEventsAfter(database, what),
    lastId: () => {
      write();
      return readLastEventId(database);
    },
    hasGap: (afterId, machines) => {
      if (readGoneEventId(database) <= afterId) return false;
      if (machines === undefined) return true;
      return machines.some((machine) => {
        const { oldestId, count } = readExtent(database, machine);
        // The oldest go first, and only of a machine that has as many as may stay.
        return count >= config.perMachine && oldestId > afterId;
      });
    },
    strangers: () => {
      write();
      return readLastEvents(database)
        .filter(({ last }) => parseMac(last.machine) !== undefined)
        .map(({ count, last }) => ({ mac: last.machine, eventCount: count, last }));
    },
    follow: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    forget: (machine) => {
      pending = pending.filter((event) => event.machine !== machine);
      forgotten.add(machine);
      flushSoon();
    },
    close: () => {
      flush();
      clearTimeout(timer);
      for (const { onEnd } of listeners) onEnd();
      listeners.clear();
    },
  };
}

/** What machines send may hold anything; terminals and memory must not suffer. */
function cleaned(told: NewEvent, atMs: number): MachineEvent {
  return {
    atMs,
    machine: cleanText(told.machine),
    mac: told.mac,
    event: cleanText(told.event),
    text: cleanText(told.text),
    reason: told.reason === undefined ? undefined : cleanText(told.reason),
    path: told.path === undefined ? undefined : cleanText(told.path),
    sizeBytes: told.sizeBytes,
    elapsedMs: told.elapsedMs,
  };
}

function cleanText(text: string): string {
  const short = text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text;
  return printable(short);
}
