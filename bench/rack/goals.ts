import { type Case, mediansOf, type RunFigures } from './figures.ts';

export type Verdict = {
  /** What is wanted, in words. */
  readonly goal: string;
  readonly value: number;
  readonly most: number;
  readonly isReached: boolean;
};

const measured = 'scree';
const reference = 'nginx';
const megabyte = 1e6;

/** Holds the medians against the goals; leaves out those for which nothing was measured. */
export function judgeGoals(cases: readonly Case[]): Verdict[] {
  return cases.flatMap((each) => {
    const medians = each.system === measured ? mediansOf(each.runs) : undefined;
    return medians === undefined ? [] : judgeCase(each, medians, cases);
  });
}

/** For each number of nodes: the most that makespan ÷ limit and copies may come to. */
const swarmGoals: ReadonlyMap<number, { readonly ratio: number; readonly copies: number }> =
  new Map([
    [8, { ratio: 1.1, copies: 1.1 }],
    [32, { ratio: 1.18, copies: 1.18 }],
  ]);
const mostOfReference = 1.03;
const mostAgentCpuSecondsPerGiB = 12;
const mostAgentPeakMegabytes = 160;

function judgeCase({ nodes }: Case, medians: RunFigures, cases: readonly Case[]): Verdict[] {
  const of = `with ${nodes} ${nodes === 1 ? 'node' : 'nodes'}`;
  const verdicts: Verdict[] = [];
  const judge = (goal: string, value: number | undefined, most: number | undefined): void => {
    if (value === undefined || most === undefined) return;
    verdicts.push({ goal: `${goal} ${of}`, value, most, isReached: value <= most });
  };
  judge('makespan ÷ limit', medians.ratio, swarmGoals.get(nodes)?.ratio);
  judge('copies', medians.copies, swarmGoals.get(nodes)?.copies);
  const plain = nodes === 1 ? referenceSeconds(cases) : undefined;
  if (plain !== undefined) {
    judge(`makespan ÷ ${reference}'s`, medians.makespanSeconds / plain, mostOfReference);
  }
  judge('agent CPU-s per GiB', medians.agentCpuSecondsPerGiB, mostAgentCpuSecondsPerGiB);
  const peakBytes = medians.agentPeakBytes;
  judge(
    'agent peak MB',
    peakBytes === undefined ? undefined : peakBytes / megabyte,
    mostAgentPeakMegabytes,
  );
  return verdicts;
}

function referenceSeconds(cases: readonly Case[]): number | undefined {
  const found = cases.find((each) => each.system === reference && each.nodes === 1);
  return found && mediansOf(found.runs)?.makespanSeconds;
}
