import { renderTable } from '../support/markdown-table.ts';
import { type Figures, mediansOf, type Run } from './figures.ts';
import { judgeGoals } from './goals.ts';

type Column = { readonly name: keyof Figures; readonly head: string; readonly digits: number };

const columns: readonly Column[] = [
  { name: 'answersPerSecond', head: 'answers/s', digits: 0 },
  { name: 'answersPerCpuSecond', head: 'per CPU-s', digits: 0 },
  { name: 'pacedPerSecond', head: 'paced/s', digits: 0 },
  { name: 'medianMs', head: 'median ms', digits: 2 },
  { name: 'p99Ms', head: '99 % ms', digits: 2 },
  { name: 'lostShare', head: 'lost', digits: 5 },
  { name: 'bytesPerPeer', head: 'bytes a peer', digits: 0 },
  { name: 'loopMostMs', head: 'loop late ms', digits: 1 },
  { name: 'loopP999Ms', head: '99.9 %', digits: 1 },
  { name: 'heldMostMs', head: 'held ms', digits: 1 },
  { name: 'statsMostMs', head: 'figures ms', digits: 1 },
  { name: 'load', head: 'load', digits: 2 },
];

export function renderMedians(runs: readonly Run[]): string {
  return renderRuns(mediansOf(runs));
}

export function renderRuns(runs: readonly Run[]): string {
  return renderTable(
    ['peers', 'by', 'tracker', ...columns.map(({ head }) => head)],
    runs.map((run) => [
      run.scenario,
      run.protocol.toUpperCase(),
      run.system,
      ...columns.map(({ name, digits }) => run.figures[name]?.toFixed(digits) ?? '–'),
    ]),
  );
}

export function renderGoals(runs: readonly Run[]): string {
  return renderTable(
    ['goal', 'median', 'wanted', ''],
    judgeGoals(mediansOf(runs)).map(({ goal, value, wanted, isReached }) => [
      goal,
      value.toFixed(1),
      wanted,
      isReached ? 'pass' : 'FAIL',
    ]),
  );
}
