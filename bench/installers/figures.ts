import type { Run as AttemptedRun } from '../support/attempt.ts';
import { type FigureColumn, type FigureSet, mediansOfSets } from '../support/figure-table.ts';
import type { SystemName } from './system.ts';

export type FigureName =
  | 'totalSeconds'
  | 'toOneNode'
  | 'firstEndSeconds'
  | 'copies'
  | 'fromPeersShare'
  | 'clientCpuSeconds'
  | 'agentCpuSecondsPerGiB'
  | 'firstByteMedianSeconds'
  | 'firstByteP99Seconds'
  | 'load'
  | 'ownLoad';

export type Figures = FigureSet<FigureName>;

export const columns: readonly FigureColumn<FigureName>[] = [
  { name: 'totalSeconds', head: 'total s', digits: 1 },
  { name: 'toOneNode', head: '÷ one node', digits: 3 },
  { name: 'firstEndSeconds', head: 'first end s', digits: 1 },
  { name: 'copies', head: 'copies', digits: 2 },
  { name: 'fromPeersShare', head: 'from peers', digits: 2 },
  { name: 'clientCpuSeconds', head: 'installer CPU-s', digits: 1 },
  { name: 'agentCpuSecondsPerGiB', head: 'agent CPU-s/GiB', digits: 1 },
  { name: 'firstByteMedianSeconds', head: 'first byte s', digits: 3 },
  { name: 'firstByteP99Seconds', head: '99 %', digits: 2 },
  { name: 'load', head: 'load', digits: 2 },
  { name: 'ownLoad', head: 'own load', digits: 2 },
];

export type Run = AttemptedRun<Figures>;

/** An installer on a number of nodes that get their packages from a system. */
export type Case = {
  readonly client: string;
  readonly system: SystemName;
  readonly nodes: number;
  readonly rateBitsPerSecond: number;
  /** What the packages alone take through a port. */
  readonly limitSeconds: number;
  readonly runs: readonly Run[];
};

/** The medians of all cases in which a run succeeded, with each total beside that of one node. */
export function summarize(
  cases: readonly Case[],
): readonly { readonly of: Case; readonly figures: Figures }[] {
  const medians = cases.flatMap((of) => {
    const counted = of.runs.flatMap((run) =>
      run.kind === 'done' && !run.replaced ? [run.figures] : [],
    );
    return counted.length === 0 ? [] : [{ of, figures: mediansOfSets(columns, counted) }];
  });
  return medians.map(({ of, figures }) => {
    const one = medians.find(
      (each) => each.of.client === of.client && each.of.system === of.system && each.of.nodes === 1,
    );
    const [own, alone] = [figures.totalSeconds, one?.figures.totalSeconds];
    const isBeside = own !== undefined && alone !== undefined && of.nodes > 1;
    return { of, figures: isBeside ? { ...figures, toOneNode: own / alone } : figures };
  });
}
