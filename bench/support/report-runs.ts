import type { CommonOptions } from './option-values.ts';
import { saveResults } from './save-results.ts';
import { renderVerdicts, type Verdict } from './verdicts.ts';

export type Report = {
  /** Of the benchmark, as in `npm run bench:<name>`. */
  readonly name: string;
  readonly argv: readonly string[];
  readonly options: Pick<CommonOptions, 'save' | 'json'>;
  readonly runs: readonly object[];
  /** As tables. */
  readonly medians: string;
  readonly everyRun: string;
  readonly verdicts: readonly Verdict[];
};

/** Prints what was measured and keeps it, as the options say. The exit code: 1 for a missed goal. */
export async function reportRuns(report: Report): Promise<number> {
  const { name, argv, options, runs, medians, everyRun, verdicts } = report;
  const goals = renderVerdicts(verdicts);
  process.stdout.write(`${medians}\n\n${goals}\n`);
  if (options.save) {
    const parts = [medians, goals, 'Every run:', everyRun];
    await saveResults({ name, argv, parts, records: runs });
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ runs, goals: verdicts })}\n`);
  return verdicts.every(({ isReached }) => isReached) ? 0 : 1;
}
