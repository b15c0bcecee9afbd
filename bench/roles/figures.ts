import { type FigureColumn, type FigureSet, mediansOfSets } from '../support/figure-table.ts';
import { judgeAtMost, type Verdict } from '../support/verdicts.ts';
import type { Phase } from './options.ts';

export type FigureName =
  | 'makespanSeconds'
  | 'aheadSeconds'
  | 'ratio'
  | 'receivedToWanted'
  | 'copies'
  | 'agentCpuSecondsPerGiB'
  | 'firstByteMedianSeconds'
  | 'firstByteP99Seconds'
  | 'load'
  | 'ownLoad';

export const columns: readonly FigureColumn<FigureName>[] = [
  { name: 'makespanSeconds', head: 'makespan s', digits: 2 },
  { name: 'aheadSeconds', head: 'ahead s', digits: 2 },
  { name: 'ratio', head: '÷ limit', digits: 3 },
  { name: 'receivedToWanted', head: 'received ÷ wanted', digits: 3 },
  { name: 'copies', head: 'copies', digits: 3 },
  { name: 'agentCpuSecondsPerGiB', head: 'agent CPU-s/GiB', digits: 1 },
  { name: 'firstByteMedianSeconds', head: 'first byte s', digits: 3 },
  { name: 'firstByteP99Seconds', head: '99 %', digits: 2 },
  { name: 'load', head: 'load', digits: 2 },
  { name: 'ownLoad', head: 'own load', digits: 2 },
];

/** A phase of one run. */
export type PhaseRun = {
  readonly phase: Phase;
  /** The machine was too busy for this to be a figure of the network. */
  readonly isBusy: boolean;
  readonly figures: FigureSet<FigureName>;
};

export type PhaseMedians = { readonly phase: Phase; readonly figures: FigureSet<FigureName> };

/** Of the runs that were not busy, where there are such. */
export function summarize(runs: readonly PhaseRun[]): readonly PhaseMedians[] {
  return [...Map.groupBy(runs, ({ phase }) => phase)].map(([phase, all]) => {
    const quiet = all.filter(({ isBusy }) => !isBusy);
    const counted = quiet.length > 0 ? quiet : all;
    const sets = counted.map(({ figures }) => figures);
    return { phase, figures: mediansOfSets(columns, sets) };
  });
}

/** What learnt orders are to bring, once the tree is laid out by them. */
export function judgeGoals(runs: readonly PhaseRun[]): Verdict[] {
  const figures = summarize(runs).find(({ phase }) => phase === 'laid-out')?.figures;
  return [
    ...judgeAtMost('makespan ÷ limit, laid out', figures?.ratio, 1.1),
    ...judgeAtMost('received ÷ wanted, laid out', figures?.receivedToWanted, 1.05),
  ];
}
