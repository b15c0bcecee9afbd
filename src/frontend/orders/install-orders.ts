import { randomUUID } from 'node:crypto';
import { longestOrder, type OrderAnswer, type OrderReport } from '../../protocol/install-order.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { Generation } from '../trees/types.ts';
import { learnOrder, placeOrder } from './learn-order.ts';
import type { OrderRows, StoredOrder } from './order-rows.ts';
import { createReportPace } from './report-pace.ts';

/**
 * In which order machines of a role read the files of a tree: from the first machine's live
 * requests on, and from one install to the next. Agents read ahead by it.
 */
export type InstallOrders = {
  readonly report: (generation: Named, report: OrderReport) => OrderAnswer;
  /** Keeps what was learnt and not kept yet. */
  readonly close: () => Promise<void>;
};

type Named = Pick<Generation, 'tree' | 'generation' | 'manifest'>;

export type InstallOrdersDeps = {
  readonly log: Pick<Log, 'warn'>;
  readonly rows: OrderRows;
  readonly nowMs?: () => number;
};

/** The machines of one role that install one generation at about the same time. */
type Run = {
  readonly version: string;
  /** Only grows, so that an agent is told what is new. */
  readonly places: number[];
  /** 1 for a place that is among them. */
  readonly known: Uint8Array;
  readonly isWhole: boolean;
  hasSettled: boolean;
  heardAtMs: number;
};

const runGapMs = 15 * 60_000;
/** Trees and roles are what machines say: the oldest are forgotten. */
const mostRuns = 256;
const mostOrders = 64;
const keepEveryMs = 10_000;

/** Throws DatabaseError. */
export function createInstallOrders({
  log,
  rows,
  nowMs = Date.now,
}: InstallOrdersDeps): InstallOrders {
  const learnt = new Map(rows.read().map((order) => [keyOf(order.tree, order.role), order]));
  const unkept = new Set<string>();
  const runs = new Map<string, Run>();
  const pace = createReportPace(nowMs);

  const keep = (): void => {
    for (const key of unkept) {
      const order = learnt.get(key);
      try {
        if (order !== undefined) rows.keep(order);
        unkept.delete(key);
      } catch (error) {
        log.warn('order of an install not kept', {
          ...order,
          paths: undefined,
          reason: messageOf(error),
        });
      }
    }
  };
  const keeping = setInterval(keep, keepEveryMs).unref();

  function runOf(generation: Named, role: string): Run {
    const key = keyOf(`${generation.tree}@${generation.generation}`, role);
    const known = runs.get(key);
    runs.delete(key);
    const isUnderWay = known !== undefined && nowMs() - known.heardAtMs < runGapMs;
    const run = isUnderWay ? known : beginRun(generation, learnt.get(keyOf(generation.tree, role)));
    // The latest are the last.
    runs.set(key, run);
    const [oldest] = runs.keys();
    if (runs.size > mostRuns && oldest !== undefined) runs.delete(oldest);
    run.heardAtMs = nowMs();
    return run;
  }

  function learn({ tree, manifest }: Named, role: string, run: Run, settled: readonly number[]) {
    const key = keyOf(tree, role);
    const before = learnt.get(key);
    const paths = pathsOf(manifest, settled);
    const order = learnOrder(before, paths, { isFirstOfRun: !run.hasSettled });
    if (order === undefined || order === before) return;
    run.hasSettled = true;
    remember(key, { ...order, tree, role });
  }

  function remember(key: string, order: Omit<StoredOrder, 'learntAtMs'>): void {
    learnt.delete(key);
    learnt.set(key, { ...order, learntAtMs: nowMs() });
    unkept.add(key);
    const [oldest] = learnt.keys();
    if (learnt.size > mostOrders && oldest !== undefined) learnt.delete(oldest);
  }

  function isLatest(tree: string, role: string): boolean {
    const own = learnt.get(keyOf(tree, role));
    const others = learnt.values().filter((order) => order.role === role);
    return own !== undefined && others.every(({ learntAtMs }) => learntAtMs <= own.learntAtMs);
  }

  return {
    report: (generation, { role, version, knownCount, asked, settled }) => {
      const { tree, manifest } = generation;
      const run = runOf(generation, role);
      if (add(run, asked, manifest.files.length) && !run.isWhole && !run.hasSettled) {
        const paths = pathsOf(manifest, run.places);
        remember(keyOf(tree, role), { tree, role, paths, isWhole: false });
      }
      if (settled !== undefined) learn(generation, role, run, settled);
      const from = version === run.version ? Math.min(knownCount, run.places.length) : 0;
      return {
        version: run.version,
        ...{ from, places: run.places.slice(from) },
        isWhole: run.isWhole,
        isLatest: isLatest(tree, role),
        againSeconds: pace.nextSeconds(),
      };
    },
    close: async () => {
      clearInterval(keeping);
      keep();
    },
  };
}

function beginRun({ manifest }: Named, order: StoredOrder | undefined): Run {
  const { paths = [] } = order ?? {};
  const files = paths.length === 0 ? [] : manifest.files.map(({ path }) => path);
  const places = [...placeOrder(paths, files)];
  const known = new Uint8Array(manifest.files.length);
  for (const place of places) known[place] = 1;
  // Of a generation that has other files something is missing.
  const isWhole = order?.isWhole === true && places.length === new Set(paths).size;
  return { version: randomUUID(), places, known, isWhole, hasSettled: false, heardAtMs: 0 };
}

/** True when there was something new. */
function add({ places, known }: Run, asked: readonly number[], fileCount: number): boolean {
  const before = places.length;
  for (const place of asked) {
    if (place >= fileCount || known[place] === 1 || places.length >= longestOrder) continue;
    known[place] = 1;
    places.push(place);
  }
  return places.length > before;
}

function pathsOf({ files }: Named['manifest'], places: readonly number[]): readonly string[] {
  return [...new Set(places)].flatMap((place) => files[place]?.path ?? []);
}

function keyOf(tree: string, role: string): string {
  return `${role} ${tree}`;
}
