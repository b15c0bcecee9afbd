import test from 'ava';
import { type Case, type Run, summarize } from '../../bench/installers/figures.ts';
import { judgeGoals } from '../../bench/installers/goals.ts';
import type { SystemName } from '../../bench/installers/system.ts';

function done(totalSeconds: number, more: Partial<Run & { kind: 'done' }> = {}): Run {
  return { kind: 'done', busy: false, replaced: false, figures: { totalSeconds }, ...more };
}

function caseOf(system: SystemName, nodes: number, runs: readonly Run[]): Case {
  return { client: 'dnf', system, nodes, rateBitsPerSecond: 6e6, limitSeconds: 90, runs };
}

test('a total is the median of the runs that count, beside that of one node', (t) => {
  const summary = summarize([
    caseOf('scree', 1, [done(100), done(90), done(101)]),
    caseOf('scree', 8, [done(400, { replaced: true }), done(110), done(120)]),
    caseOf('nginx', 8, [{ kind: 'failed', reason: 'no answer' }]),
  ]);
  t.deepEqual(
    summary.map(({ figures }) => figures),
    [{ totalSeconds: 100 }, { totalSeconds: 115, toOneNode: 1.15 }],
  );
});

test('what a crowd takes of the processors is taken off only where it is much', (t) => {
  const judge = (localOfEight: number) =>
    judgeGoals([
      caseOf('scree', 1, [done(100)]),
      caseOf('scree', 8, [done(115)]),
      caseOf('local', 1, [done(3)]),
      caseOf('local', 8, [done(localOfEight)]),
    ]).map(({ value, isReached }) => ({ value, isReached }));
  t.deepEqual(judge(7), [{ value: 1.15, isReached: false }]);
  t.deepEqual(judge(13), [{ value: 1.05, isReached: true }]);
});

test('one node is held against one node with nginx', (t) => {
  const cases = [caseOf('scree', 1, [done(104)]), caseOf('nginx', 1, [done(100)])];
  const [verdict] = judgeGoals(cases);
  t.like(verdict, { value: 1.04, isReached: false });
});
