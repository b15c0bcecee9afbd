import { renderTable } from './markdown-table.ts';

/** A figure, held against what is wanted of it. */
export type Verdict = {
  /** What is wanted, in words. */
  readonly goal: string;
  readonly value: number;
  readonly most: number;
  readonly isReached: boolean;
};

/** Nothing where nothing was measured. */
export function judgeAtMost(goal: string, value: number | undefined, most: number): Verdict[] {
  return value === undefined ? [] : [{ goal, value, most, isReached: value <= most }];
}

export function renderVerdicts(verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return '';
  const rows = verdicts.map(({ goal, value, most, isReached }) => [
    goal,
    value.toFixed(2),
    `≤ ${most}`,
    isReached ? 'pass' : 'FAIL',
  ]);
  return renderTable(['goal', 'median', 'wanted', ''], rows);
}
