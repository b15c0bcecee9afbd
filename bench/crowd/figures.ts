import { type FigureColumn, type FigureSet, mediansOfSets } from '../support/figure-table.ts';
import { judgeAtMost, type Verdict } from '../support/verdicts.ts';

export type FigureName =
  | 'seconds'
  | 'startMegabytes'
  | 'peakMegabytes'
  | 'cpuSeconds'
  | 'copies'
  | 'messagesPerSecond'
  | 'load';

export const columns: readonly FigureColumn<FigureName>[] = [
  { name: 'seconds', head: 's', digits: 1 },
  { name: 'startMegabytes', head: 'MB with nobody', digits: 0 },
  { name: 'peakMegabytes', head: 'peak MB', digits: 0 },
  { name: 'cpuSeconds', head: 'CPU-s', digits: 1 },
  { name: 'copies', head: 'copies', digits: 3 },
  { name: 'messagesPerSecond', head: 'messages/s', digits: 0 },
  { name: 'load', head: 'load', digits: 2 },
];

/** What a frontend needed for so many agents. */
export type CrowdRun = { readonly agents: number; readonly figures: FigureSet<FigureName> };

export function summarize(runs: readonly CrowdRun[]): readonly CrowdRun[] {
  return [...Map.groupBy(runs, ({ agents }) => agents)].map(([agents, all]) => {
    const sets = all.map(({ figures }) => figures);
    return { agents, figures: mediansOfSets(columns, sets) };
  });
}

/** Thrice as much as runs with the same crowd differ by. */
const flat = 1.15;

/** Holds the largest crowd against the smallest. */
export function judgeGoals(runs: readonly CrowdRun[]): Verdict[] {
  const sorted = summarize(runs).toSorted((one, other) => one.agents - other.agents);
  const [first] = sorted;
  const last = sorted.at(-1);
  const before = first?.figures.peakMegabytes;
  const after = last?.figures.peakMegabytes;
  if (first === last || before === undefined || after === undefined) return [];
  const goal = `peak with ${last?.agents} agents ÷ with ${first?.agents}`;
  return judgeAtMost(goal, after / before, flat);
}
