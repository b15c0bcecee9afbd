import test from 'ava';
import type { Finding } from '../../../src/frontend/doctor/finding.ts';

/** What is found, the level of the one that counts most, and what its text and advice say. */
export type Cases = readonly (readonly [
  title: string,
  findings: readonly Finding[],
  level: Finding['level'],
  pattern: RegExp,
])[];

const weights = { ok: 0, warning: 1, problem: 2 } as const;

/** A test for each; what there is to do is said where there is something to do, and nowhere else. */
export function declareTests(cases: Cases): void {
  for (const [title, findings, level, pattern] of cases) {
    test(`${title}: ${level}`, (t) => {
      const [worst] = findings.toSorted((a, b) => weights[b.level] - weights[a.level]);
      t.is(worst?.level, level);
      const texts = findings.filter((each) => each.level === level);
      const said = texts.map(({ text, advice }) => `${text} ${advice ?? ''}`);
      t.true(
        said.some((each) => pattern.test(each)),
        said.join('\n'),
      );
      t.true(findings.every((each) => (each.level === 'ok') === (each.advice === undefined)));
    });
  }
}
