import { type Case, mediansOf, type RunFigures } from './figures.ts';
import type { GoalName, Goals } from './scenario.ts';
import { scenarios } from './scenarios.ts';

export type Verdict = {
  /** What is wanted, in words. */
  readonly goal: string;
  /** Infinity: it never came. */
  readonly value: number;
  readonly most: number;
  readonly isReached: boolean;
};

/** What is judged, in words, as it follows from a case's medians and from other cases. */
const figures: readonly {
  readonly name: GoalName;
  readonly words: string;
  readonly of: (medians: RunFigures, each: Case, cases: readonly Case[]) => number | undefined;
}[] = [
  { name: 'ratio', words: 'makespan ÷ limit', of: ({ ratio }) => ratio },
  { name: 'copies', words: 'copies', of: ({ copies }) => copies },
  {
    name: 'toPlain',
    words: "makespan ÷ the healthy run's",
    of: (medians, each, cases) => compare(medians, beside(each, { scenario: 'plain' }, cases)),
  },
  {
    name: 'toNginx',
    words: "makespan ÷ nginx's",
    of: (medians, each, cases) => compare(medians, beside(each, { system: 'nginx' }, cases)),
  },
  {
    name: 'slowestToMedian',
    words: 'slowest node ÷ median',
    of: (medians) => medians.slowestToMedian,
  },
  {
    name: 'intoBusiestRack',
    words: 'into the busiest rack ÷ tree',
    of: (medians) => medians.intoBusiestRack,
  },
  { name: 'agentCpu', words: 'agent CPU-s per GiB', of: (each) => each.agentCpuSecondsPerGiB },
  {
    name: 'agentPeak',
    words: 'agent peak MB',
    of: ({ agentPeakBytes: bytes }) => (bytes === undefined ? undefined : bytes / 1e6),
  },
];

/** What holds in every scenario. */
const always: Goals = { slowestToMedian: 1.15, agentCpu: 12, agentPeak: 160 };
const measured = 'scree';

/** Holds the medians against the goals; leaves out those for which nothing was measured. */
export function judgeGoals(cases: readonly Case[]): Verdict[] {
  return cases.flatMap((each) => {
    const medians = each.system === measured ? mediansOf(each.runs) : undefined;
    return medians === undefined ? [] : judgeCase(each, medians, cases);
  });
}

function judgeCase(each: Case, medians: RunFigures, cases: readonly Case[]): Verdict[] {
  const { scenario, nodes } = each;
  const goals = { ...always, ...scenarios.get(scenario)?.goals(nodes) };
  const of = `${nodes} ${nodes === 1 ? 'node' : 'nodes'}`;
  const where = scenario === 'plain' ? `with ${of}` : `(${scenario}, ${of})`;
  const judge = (words: string, value: number | undefined, most: number | undefined): Verdict[] =>
    value === undefined || most === undefined
      ? []
      : [{ goal: `${words} ${where}`, value, most, isReached: value <= most }];
  return [
    ...figures.flatMap(({ name, words, of: figureOf }) =>
      judge(words, figureOf(medians, each, cases), goals[name]),
    ),
    ...Object.entries(medians.namedSeconds ?? {}).flatMap(([offender, seconds]) =>
      judge(`seconds until '${offender}' is named`, seconds ?? Infinity, goals.namedSeconds),
    ),
  ];
}

/** The case that is as this one is but for its scenario or its system. */
function beside(
  each: Case,
  other: { readonly scenario?: string; readonly system?: string },
  cases: readonly Case[],
): Case | undefined {
  const { scenario = each.scenario, system = each.system } = other;
  return cases.find(
    (found) =>
      found.scenario === scenario &&
      found.system === system &&
      found.nodes === each.nodes &&
      found.rateBitsPerSecond === each.rateBitsPerSecond &&
      found.treeSizeBytes === each.treeSizeBytes,
  );
}

function compare(medians: RunFigures, other: Case | undefined): number | undefined {
  const seconds = other && mediansOf(other.runs)?.makespanSeconds;
  return seconds === undefined ? undefined : medians.makespanSeconds / seconds;
}
