import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { InstallsProgress } from '../installs/progress.ts';
import type { NodeStore } from '../nodes/store.ts';
import type { MachineNode } from '../nodes/types.ts';
import { type RunDocument, type RunSummary, summaryOf } from './documents.ts';
import type { RunFiles } from './run-files.ts';
import { isOnItsWay, RunRecord } from './run-record.ts';

/** The history of installs: machines that were installed at about the same time are one run. */
export type Runs = {
  /** The latest first, one that goes on among them. */
  readonly list: () => Promise<readonly RunSummary[]>;
  /** Undefined: there is none of this id any more. */
  readonly read: (id: string) => Promise<RunDocument | undefined>;
  /** A machine has said that its install has ended well. */
  readonly succeeded: (node: MachineNode) => void;
  readonly close: () => Promise<void>;
};

export type RunsDeps = {
  readonly log: Pick<Log, 'warn'>;
  readonly store: Pick<NodeStore, 'all' | 'byName' | 'onChange'>;
  readonly progress: Pick<InstallsProgress, 'of' | 'follow'>;
  readonly files: RunFiles;
  readonly nowMs?: () => number;
};

export type RunsConfig = {
  /** A run has ended when nothing was installed for so long. */
  readonly quietMs?: number;
  readonly tickMs?: number;
  readonly writeEveryMs?: number;
};

/** Goes on with the run that a former process was in the middle of. */
export async function createRuns(
  { log, store, progress, files, nowMs = Date.now }: RunsDeps,
  { quietMs = 60_000, tickMs = 1_000, writeEveryMs = 5_000 }: RunsConfig = {},
): Promise<Runs> {
  const summaries = new Map<string, RunSummary>();
  let current = await unfinished(files);
  let isDirty = false;
  let writtenAtMs = 0;
  let writing = Promise.resolve();

  const note = (node: MachineNode): void => {
    if (isOnItsWay(node)) current ??= RunRecord.begin(nowMs());
    if (current?.note(node, progress.of(node), nowMs()) === true) isDirty = true;
  };
  const write = (): void => {
    if (current === undefined) return;
    const run = current.document();
    isDirty = false;
    writtenAtMs = nowMs();
    writing = writing
      .then(() => files.write(run))
      .catch((error: unknown) => {
        log.warn('install run not kept', { run: run.id, reason: messageOf(error) });
      });
  };
  const tick = (): void => {
    if (current === undefined) return;
    const isQuiet = !current.isRunning() && nowMs() - current.lastEndMs() >= quietMs;
    if (isQuiet) current.end();
    else if (current.isRunning() && current.sample(nowMs())) isDirty = true;
    if (isQuiet || (isDirty && nowMs() - writtenAtMs >= writeEveryMs)) write();
    if (isQuiet) current = undefined;
  };
  const stops = [
    store.onChange((changes) => {
      for (const { before, after } of changes) {
        if (after !== undefined) note(after);
        else if (before !== undefined) current?.gone(before.name, nowMs());
      }
    }),
    progress.follow((names) => {
      for (const name of names) {
        const node = store.byName(name);
        if (node !== undefined) note(node);
      }
    }),
  ];
  for (const node of store.all()) if (current !== undefined || isOnItsWay(node)) note(node);
  for (const { name } of current?.document().nodes ?? []) {
    if (store.byName(name) === undefined) current?.gone(name, nowMs());
  }
  const timer = setInterval(tick, tickMs).unref();

  const summary = async (id: string): Promise<RunSummary | undefined> => {
    const known = summaries.get(id);
    if (known !== undefined) return known;
    const run = await files.read(id);
    const told = run === undefined ? undefined : summaryOf(run);
    // One that has ended stays as it is.
    if (told !== undefined && told.endedAtMs !== null) summaries.set(id, told);
    return told;
  };
  return {
    list: async () => {
      const now = current === undefined ? [] : [summaryOf(current.document())];
      const ids = (await files.ids()).filter((id) => id !== now[0]?.id).toReversed();
      const past = await Promise.all(ids.map(summary));
      return [...now, ...past.filter((each) => each !== undefined)];
    },
    read: async (id) => (current?.id === id ? current.document() : files.read(id)),
    succeeded: (node) => {
      current?.succeeded(node);
      isDirty = true;
    },
    close: async () => {
      clearInterval(timer);
      for (const stop of stops) stop();
      write();
      await writing;
    },
  };
}

async function unfinished(files: RunFiles): Promise<RunRecord | undefined> {
  const latest = (await files.ids()).at(-1);
  const run = latest === undefined ? undefined : await files.read(latest);
  return run?.endedAtMs === null ? new RunRecord(run) : undefined;
}
