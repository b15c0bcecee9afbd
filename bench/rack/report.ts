import { renderTable } from '../support/markdown-table.ts';
import { type Case, mediansOf, type Run, type RunFigures } from './figures.ts';
import { judgeGoals } from './goals.ts';

/** The table of medians, one row for each case. */
export function renderMedians(cases: readonly Case[]): string {
  const rows = cases.map((each) => {
    const medians = mediansOf(each.runs);
    return { each, figures: medians, note: undefined };
  });
  return renderFigures(rows, []);
}

/** Every single run, failed and replaced ones too. */
export function renderRuns(cases: readonly Case[]): string {
  const rows = cases.flatMap((each) =>
    each.runs.map((run) =>
      run.kind === 'done'
        ? { each, figures: run.figures, note: noteOf(run) }
        : { each, figures: undefined, note: undefined },
    ),
  );
  return renderFigures(rows, ['note']);
}

/** When each bad peer was named; nothing where there was none. */
export function renderNamed(cases: readonly Case[]): string {
  const rows = cases.flatMap((each) =>
    each.runs.flatMap((run) =>
      run.kind === 'done' && run.figures.namedSeconds !== undefined
        ? [[each.scenario, ...Object.values(run.figures.namedSeconds).map(showNamed)]]
        : [],
    ),
  );
  const names = cases.flatMap((each) =>
    each.runs.flatMap((run) =>
      run.kind === 'done' ? Object.keys(run.figures.namedSeconds ?? {}) : [],
    ),
  );
  return rows.length === 0 ? '' : renderTable(['named after s', ...new Set(names)], rows);
}

export function renderGoals(cases: readonly Case[]): string {
  const rows = judgeGoals(cases).map((verdict) => [
    verdict.goal,
    Number.isFinite(verdict.value) ? verdict.value.toFixed(2) : 'never',
    `≤ ${verdict.most}`,
    verdict.isReached ? 'pass' : 'FAIL',
  ]);
  return rows.length === 0 ? '' : renderTable(['goal', 'median', 'wanted', ''], rows);
}

export function renderFailures(cases: readonly Case[]): string {
  const lines = cases.flatMap((each) =>
    each.runs.flatMap((run) =>
      run.kind === 'failed'
        ? [`- ${each.scenario}: ${each.system}, ${each.nodes} nodes: ${run.reason}`]
        : [],
    ),
  );
  return lines.join('\n');
}

type Row = {
  readonly each: Case;
  /** Undefined: it failed. */
  readonly figures: RunFigures | undefined;
  readonly note: string | undefined;
};

const nameHead = ['system', 'scenario', 'nodes', 'Mbit/s', 'limit s'];
const columns: readonly (readonly [head: string, show: (figures: RunFigures) => string])[] = [
  ['makespan s', (each) => show(each.makespanSeconds, 2)],
  ['÷ limit', (each) => show(each.ratio, 3)],
  ['slowest ÷ median', (each) => show(each.slowestToMedian, 3)],
  ['copies', (each) => show(each.copies, 3)],
  ['own count', (each) => show(each.ownCopies, 3)],
  ['into busiest rack', (each) => show(each.intoBusiestRack, 3)],
  ['into racks', (each) => show(each.intoRacksMean, 3)],
  ['agent CPU-s/GiB', (each) => show(each.agentCpuSecondsPerGiB, 1)],
  ['at start', (each) => show(each.agentStartCpuSeconds, 2)],
  ['frontend CPU-s/GiB', (each) => show(each.frontendCpuSecondsPerGiB, 1)],
  ['client CPU-s', (each) => show(each.clientCpuSeconds, 2)],
  ['agent MB', (each) => showMegabytes(each.agentPeakBytes)],
  ['frontend MB', (each) => showMegabytes(each.frontendPeakBytes)],
  ['first byte s', (each) => show(each.firstByteMedianSeconds, 3)],
  ['99 %', (each) => show(each.firstByteP99Seconds, 2)],
  ['load', (each) => show(each.load, 2)],
  ['own load', (each) => show(each.ownLoad, 2)],
];

/** Columns that say nothing of any row are left out. */
function renderFigures(rows: readonly Row[], noteHead: readonly string[]): string {
  const said = columns.filter(([, showIn]) =>
    rows.some(({ figures }) => figures !== undefined && showIn(figures) !== nothing),
  );
  const cells = rows.map(({ each, figures, note }) => [
    ...nameCells(each),
    ...(figures === undefined ? ['failed'] : said.map(([, showIn]) => showIn(figures))),
    ...(note === undefined ? [] : [note]),
  ]);
  const heads = said.length === 0 ? ['makespan s'] : said.map(([head]) => head);
  return renderTable([...nameHead, ...heads, ...noteHead], cells);
}

function nameCells(each: Case): string[] {
  const rate = each.rateBitsPerSecond / 1e6;
  return [
    ...[each.system, each.scenario, String(each.nodes), String(rate)],
    each.limitSeconds.toFixed(2),
  ];
}

function noteOf(run: Run & { readonly kind: 'done' }): string {
  return [run.busy ? 'busy' : '', run.replaced ? 'repeated' : ''].filter(Boolean).join(', ');
}

const nothing = '–';

function show(value: number | undefined, digits: number): string {
  return value === undefined ? nothing : value.toFixed(digits);
}

function showMegabytes(bytes: number | undefined): string {
  return show(bytes === undefined ? undefined : bytes / 1e6, 0);
}

function showNamed(seconds: number | null): string {
  return seconds === null ? 'never' : seconds.toFixed(1);
}
