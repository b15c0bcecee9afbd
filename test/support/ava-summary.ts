import { stripVTControlCharacters } from 'node:util';

export type Counts = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
};

export const noCounts: Counts = { passed: 0, failed: 0, skipped: 0 };

export function addCounts(left: Counts, right: Counts): Counts {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}

const failures =
  /^(\d+) (?:tests? failed|hooks? failed|unhandled rejections?|uncaught exceptions?|tests? remained pending after a timeout)$/;

/**
 * The counts in what AVA's default reporter printed. AVA tells how many passed only when none
 * failed, so the ticks are counted; and a run that did not end with exit code 0 has failed at
 * least once, whatever was printed.
 */
export function countTests(output: string, exitCode: number): Counts {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.trim());
  const passed = sumOf(lines, /^(\d+) tests? passed$/) || count(lines, /^[✔√] /);
  const skipped = sumOf(lines, /^(\d+) tests? (?:skipped|todo)$/);
  const failed = sumOf(lines, failures);
  return { passed, failed: exitCode === 0 ? failed : Math.max(failed, 1), skipped };
}

const mostLines = 60;

/** Which tests have failed and how, of the same output; the start of it where that is much. */
export function describeFailures(output: string): string {
  const lines = stripVTControlCharacters(output).split('\n');
  const names = lines.filter((line) => line.trim().startsWith('✘'));
  const rule = lines.findIndex((line) => line.trim() === '─');
  const details = rule < 0 ? lines.slice(-mostLines) : lines.slice(rule + 1);
  return [...names.slice(0, mostLines), ...details.slice(0, mostLines)].join('\n').trimEnd();
}

function sumOf(lines: readonly string[], pattern: RegExp): number {
  return lines.reduce((sum, line) => sum + Number(pattern.exec(line)?.[1] ?? 0), 0);
}

function count(lines: readonly string[], pattern: RegExp): number {
  return lines.filter((line) => pattern.test(line)).length;
}
