import { renderTable } from '../support/markdown-table.ts';
import { type Case, mediansOf, type Run, type RunFigures } from './figures.ts';
import { judgeGoals } from './goals.ts';

/** The table of medians, one row for each system and number of nodes. */
export function renderMedians(cases: readonly Case[]): string {
  const rows = cases.map((each) => {
    const medians = mediansOf(each.runs);
    return [...nameCells(each), ...(medians === undefined ? ['failed'] : figureCells(medians))];
  });
  return renderTable([...nameHead, ...figureHead], rows);
}

/** Every single run, failed and replaced ones too. */
export function renderRuns(cases: readonly Case[]): string {
  const rows = cases.flatMap((each) =>
    each.runs.map((run) => [
      ...nameCells(each),
      ...(run.kind === 'done' ? [...figureCells(run.figures), noteOf(run)] : ['failed']),
    ]),
  );
  return renderTable([...nameHead, ...figureHead, 'note'], rows);
}

export function renderGoals(cases: readonly Case[]): string {
  const rows = judgeGoals(cases).map((verdict) => [
    verdict.goal,
    verdict.value.toFixed(2),
    `≤ ${verdict.most}`,
    verdict.isReached ? 'pass' : 'FAIL',
  ]);
  return rows.length === 0 ? '' : renderTable(['goal', 'median', 'wanted', ''], rows);
}

export function renderFailures(cases: readonly Case[]): string {
  const lines = cases.flatMap((each) =>
    each.runs.flatMap((run) =>
      run.kind === 'failed' ? [`- ${each.system}, ${each.nodes} nodes: ${run.reason}`] : [],
    ),
  );
  return lines.join('\n');
}

const nameHead = ['system', 'nodes', 'Mbit/s', 'limit s'];
const figureHead = [
  'makespan s',
  '÷ limit',
  'copies',
  'own count',
  'agent CPU-s/GiB',
  'at start',
  'frontend CPU-s/GiB',
  'client CPU-s',
  'agent MB',
  'frontend MB',
  'first byte s',
  '99 %',
  'load',
  'own load',
];

function nameCells(each: Case): string[] {
  const rate = each.rateBitsPerSecond / 1e6;
  return [each.system, String(each.nodes), String(rate), each.limitSeconds.toFixed(2)];
}

function figureCells(figures: RunFigures): string[] {
  return [
    show(figures.makespanSeconds, 2),
    show(figures.ratio, 3),
    show(figures.copies, 3),
    show(figures.ownCopies, 3),
    show(figures.agentCpuSecondsPerGiB, 1),
    show(figures.agentStartCpuSeconds, 2),
    show(figures.frontendCpuSecondsPerGiB, 1),
    show(figures.clientCpuSeconds, 2),
    showMegabytes(figures.agentPeakBytes),
    showMegabytes(figures.frontendPeakBytes),
    show(figures.firstByteMedianSeconds, 3),
    show(figures.firstByteP99Seconds, 2),
    show(figures.load, 2),
    show(figures.ownLoad, 2),
  ];
}

function noteOf(run: Run & { readonly kind: 'done' }): string {
  return [run.busy ? 'busy' : '', run.replaced ? 'repeated' : ''].filter(Boolean).join(', ');
}

function show(value: number | undefined, digits: number): string {
  return value === undefined ? '–' : value.toFixed(digits);
}

function showMegabytes(bytes: number | undefined): string {
  return show(bytes === undefined ? undefined : bytes / 1e6, 0);
}
