import type { Database } from '../../runtime/database.ts';
import { countEvents, type MachineEvent } from './event-rows.ts';
import { parseMac } from './names.ts';

/** How many events of each machine are in the database. */
export type EventCounts = {
  readonly nodes: ReadonlyMap<string, number>;
  /** Machines that are no nodes; who was heard of last comes last. */
  readonly strangers: ReadonlyMap<string, number>;
};

export type RoomPlan = {
  readonly kept: readonly MachineEvent[];
  /** Machines of which only the last events are to stay. */
  readonly full: readonly string[];
  /** Machines of which nothing is to stay. */
  readonly dropped: readonly string[];
  readonly counts: EventCounts;
};

// Of a full machine this share is dropped at once, not one event with each that comes.
const surplus = 1.25;

export function readCounts(database: Database): EventCounts {
  const counts = countEvents(database);
  const isStranger = ([machine]: readonly [string, number]) => parseMac(machine) !== undefined;
  return {
    nodes: new Map([...counts].filter((each) => !isStranger(each))),
    strangers: new Map([...counts].filter(isStranger)),
  };
}

/** The counts without those of some machines. */
export function forgetting(counts: EventCounts, machines: ReadonlySet<string>): EventCounts {
  const without = (all: ReadonlyMap<string, number>) =>
    new Map([...all].filter(([machine]) => !machines.has(machine)));
  return { nodes: without(counts.nodes), strangers: without(counts.strangers) };
}

/** Decides what goes when a batch of events comes. */
export function planRoom(
  known: EventCounts,
  batch: readonly MachineEvent[],
  limits: { readonly perMachine: number; readonly strangers: number },
): RoomPlan {
  const nodes = new Map(known.nodes);
  const strangers = new Map(known.strangers);
  for (const { machine } of batch) {
    const counts = parseMac(machine) === undefined ? nodes : strangers;
    const count = counts.get(machine) ?? 0;
    // Taken out and put in again, it comes last.
    counts.delete(machine);
    counts.set(machine, count + 1);
  }
  const surplusCount = Math.max(0, strangers.size - limits.strangers);
  const dropped = [...strangers.keys()].slice(0, surplusCount);
  for (const machine of dropped) strangers.delete(machine);
  const full = [nodes, strangers].flatMap((counts) => trimmed(counts, limits.perMachine));
  const gone = new Set(dropped);
  return {
    kept: batch.filter(({ machine }) => !gone.has(machine)),
    full,
    dropped: dropped.filter((machine) => known.strangers.has(machine)),
    counts: { nodes, strangers },
  };
}

function trimmed(counts: Map<string, number>, perMachine: number): readonly string[] {
  const full = [...counts].filter(([, count]) => count > perMachine * surplus);
  for (const [machine] of full) counts.set(machine, perMachine);
  return full.map(([machine]) => machine);
}
