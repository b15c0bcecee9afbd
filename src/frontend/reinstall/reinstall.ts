import { messageOf } from '../../runtime/errors.ts';
import { createBell } from './bell.ts';
import { MachineBook } from './machine-book.ts';
import { planNext } from './plan.ts';
import type { Power } from './power/types.ts';
import type {
  InstallFacts,
  InstallNews,
  Machine,
  ReinstallEvent,
  ReinstallLimits,
  ReinstallReport,
} from './types.ts';

export type ReinstallDeps = {
  /** Arms them all, or none. */
  readonly arm: (names: readonly string[]) => Promise<readonly InstallFacts[]>;
  /** Ends when the signal is aborted; throws when nothing can be heard any more. */
  readonly follow: (signal: AbortSignal) => AsyncIterable<InstallNews>;
  readonly power: Pick<Power, 'cycle'>;
  readonly tell: (event: ReinstallEvent) => void;
  readonly clockMs?: () => number;
};

export type ReinstallOrder = {
  readonly nodes: readonly InstallFacts[];
  readonly limits: ReinstallLimits;
};

/** How many machines are switched at once. */
const switchedAtOnce = 16;

/**
 * Reinstalls machines wave by wave, until all that were started have ended, or `signal` is aborted:
 * what runs then goes on without it. Rejects when nothing is heard of them any more.
 */
export async function reinstall(
  deps: ReinstallDeps,
  order: ReinstallOrder,
  signal: AbortSignal,
): Promise<ReinstallReport> {
  const { follow, power, tell, clockMs = Date.now } = deps;
  const bell = createBell(clockMs);
  const book = new MachineBook({ tell, onChange: bell.ring, clockMs }, order.nodes);
  const ending = new AbortController();
  const stop = AbortSignal.any([signal, ending.signal]);
  stop.addEventListener('abort', bell.ring);
  const switching: Promise<void>[] = [];
  const onStart = (machines: readonly Machine[]) =>
    void switching.push(switchAll({ power, book, stop }, machines));
  const listening = listen(follow(stop), book);
  const lost = listening.then((error) => {
    bell.ring();
    return error;
  });
  try {
    const isAborted = await runWaves(
      { ...deps, book, bell, onStart, lost, clockMs },
      order,
      signal,
    );
    return { machines: book.all(), isAborted, isStopped: signal.aborted };
  } finally {
    ending.abort();
    await Promise.all([listening, ...switching]);
  }
}

type Run = Pick<ReinstallDeps, 'arm' | 'tell'> & {
  readonly book: MachineBook;
  readonly bell: ReturnType<typeof createBell>;
  readonly onStart: (machines: readonly Machine[]) => void;
  /** Resolves when nothing is heard any more, with the reason. */
  readonly lost: Promise<unknown>;
  readonly clockMs: () => number;
};

/** Resolves with whether too many have failed. */
async function runWaves(
  { arm, tell, book, bell, onStart, lost, clockMs }: Run,
  { limits }: ReinstallOrder,
  signal: AbortSignal,
): Promise<boolean> {
  let isAborted = false;
  let why: unknown;
  void lost.then((error) => {
    why = error;
  });
  while (!signal.aborted) {
    const step = planNext(book.all(), limits, { nowMs: clockMs(), isAborted });
    for (const { name } of step.overdue) book.overdue(name, limits.timeoutMs);
    if (step.isAborted && !isAborted) tell({ event: 'aborted', machines: book.all() });
    isAborted = step.isAborted;
    if (step.isOver) break;
    if (why !== undefined) throw why;
    if (step.start.length === 0) await bell.heard(step.wakeAtMs);
    else onStart(book.startWave(await arm(step.start.map(({ name }) => name))));
  }
  return isAborted;
}

/** Resolves when nothing more comes; with the reason, where that is no order. */
async function listen(news: AsyncIterable<InstallNews>, book: MachineBook): Promise<unknown> {
  try {
    for await (const each of news) book.hear(each);
    return undefined;
  } catch (error) {
    return error;
  }
}

type Switching = {
  readonly power: Pick<Power, 'cycle'>;
  readonly book: MachineBook;
  readonly stop: AbortSignal;
};

async function switchAll(context: Switching, machines: readonly Machine[]): Promise<void> {
  const left = [...machines];
  const switchNext = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      if (!context.stop.aborted) await switchOne(context, next);
    }
  };
  await Promise.all(Array.from({ length: switchedAtOnce }, switchNext));
}

async function switchOne({ power, book, stop }: Switching, { name }: Machine): Promise<void> {
  try {
    await power.cycle(name, stop);
  } catch (error) {
    if (!stop.aborted) book.notPowered(name, `power: ${messageOf(error)}`);
  }
}
