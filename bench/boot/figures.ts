import { median } from '../support/statistics.ts';

export type Part = 'dhcp' | 'burst' | 'rearm' | 'tftp';

/** Units stand at the end of the names. */
export type Figures = Partial<
  Record<
    | 'exchangesPerSecond'
    | 'offeredPerSecond'
    | 'lostShare'
    | 'meanDelayMs'
    | 'boundCount'
    | 'lostCount'
    | 'lastBoundSeconds'
    | 'resentCount'
    | 'apiSeconds'
    | 'cliSeconds'
    | 'changedFileCount'
    | 'megabytesPerSecond'
    | 'blockMicroseconds'
    | 'serverCpuSecondsPerGiB'
    | 'serverCpuMsPerExchange'
    | 'load'
    | 'ownLoad',
    number
  >
>;

/** What is measured of one server; all runs of it are compared with each other. */
export type Subject = {
  readonly part: Part;
  readonly server: string;
  /** Such as `1000 reserved`, or `64 clients, window 1`. */
  readonly setting: string;
};

export type Run = Subject &
  ({ readonly figures: Figures } | { readonly failure: string; readonly figures?: never });

export type Medians = Subject & { readonly runCount: number; readonly figures: Figures };

/** One for each subject that has a run that succeeded, in the order of the runs. */
export function mediansOf(runs: readonly Run[]): Medians[] {
  const groups = Map.groupBy(runs, nameOf);
  return [...groups.values()].flatMap((group) => {
    const figures = group.flatMap((run) => (run.figures === undefined ? [] : [run.figures]));
    const first = group[0];
    if (first === undefined || figures.length === 0) return [];
    const { part, server, setting } = first;
    return [{ part, server, setting, runCount: figures.length, figures: medianOfAll(figures) }];
  });
}

/** A figure of one subject, or undefined where it was not measured. */
export function figureOf(
  medians: readonly Medians[],
  subject: Subject,
  name: keyof Figures,
): number | undefined {
  return medians.find((each) => nameOf(each) === nameOf(subject))?.figures[name];
}

function nameOf({ part, server, setting }: Subject): string {
  return [part, server, setting].join(', ');
}

function medianOfAll(all: readonly Figures[]): Figures {
  const names = new Set(all.flatMap((each) => Object.keys(each))) as Set<keyof Figures>;
  const figures: Figures = {};
  for (const name of names) {
    const value = median(all.flatMap((each) => each[name] ?? []));
    if (value !== undefined) figures[name] = value;
  }
  return figures;
}
