import { renderTable } from '../support/markdown-table.ts';
import { type Figures, type Medians, mediansOf, type Part, type Run } from './figures.ts';
import { judgeGoals } from './goals.ts';
import type { Summary } from './summary.ts';

type Column = { readonly name: keyof Figures; readonly head: string; readonly digits: number };

const load: readonly Column[] = [
  { name: 'load', head: 'load', digits: 2 },
  { name: 'ownLoad', head: 'own load', digits: 2 },
];

const columns: Readonly<Record<Part, readonly Column[]>> = {
  dhcp: [
    { name: 'exchangesPerSecond', head: 'exchanges/s', digits: 0 },
    { name: 'offeredPerSecond', head: 'offered/s', digits: 0 },
    { name: 'lostShare', head: 'lost share', digits: 4 },
    { name: 'meanDelayMs', head: 'ACK ms', digits: 2 },
    { name: 'serverCpuMsPerExchange', head: 'server CPU-ms each', digits: 2 },
    ...load,
  ],
  burst: [
    { name: 'boundCount', head: 'bound', digits: 0 },
    { name: 'lostCount', head: 'lost', digits: 0 },
    { name: 'lastBoundSeconds', head: 'last bound s', digits: 2 },
    { name: 'resentCount', head: 'asked again', digits: 0 },
    ...load,
  ],
  rearm: [
    { name: 'apiSeconds', head: 'API s', digits: 3 },
    { name: 'cliSeconds', head: 'command s', digits: 3 },
    { name: 'changedFileCount', head: 'files written', digits: 0 },
    { name: 'load', head: 'load', digits: 2 },
  ],
  tftp: [
    { name: 'megabytesPerSecond', head: 'MB/s', digits: 1 },
    { name: 'blockMicroseconds', head: 'µs a block', digits: 1 },
    { name: 'serverCpuSecondsPerGiB', head: 'server CPU-s/GiB', digits: 1 },
    ...load,
  ],
};

const titles: Readonly<Record<Part, string>> = {
  dhcp: 'DHCP, from DISCOVER to ACK',
  burst: 'All machines powered on',
  rearm: 'Arming all nodes',
  tftp: 'TFTP, a ramdisk',
};

/** A table for each part that was measured. */
export function renderMedians(runs: readonly Run[]): string {
  return renderParts(mediansOf(runs));
}

/** Every single run, in the order in which they ran. */
export function renderRuns(runs: readonly Run[]): string {
  return renderParts(runs.filter((run) => run.figures !== undefined));
}

export function renderGoals(summary: Summary): string {
  const rows = judgeGoals(summary).map((verdict) => [
    verdict.goal,
    verdict.value.toFixed(2),
    verdict.wanted,
    verdict.isReached ? 'pass' : 'FAIL',
  ]);
  return rows.length === 0 ? '' : renderTable(['goal', 'median', 'wanted', ''], rows);
}

export function renderFailures(runs: readonly Run[]): string {
  const lines = runs.flatMap((run) =>
    run.figures === undefined
      ? [`- ${run.part}, ${run.server}, ${run.setting}: ${run.failure}`]
      : [],
  );
  return lines.join('\n');
}

function renderParts(rows: readonly Pick<Medians, 'part' | 'server' | 'setting' | 'figures'>[]) {
  const byPart = Map.groupBy(rows, ({ part }) => part);
  const tables = [...byPart].map(([part, ofPart]) => {
    const head = ['server', 'setting', ...columns[part].map((column) => column.head)];
    const cells = ofPart.map(({ server, setting, figures }) => [
      server,
      setting,
      ...columns[part].map(({ name, digits }) => figures[name]?.toFixed(digits) ?? '–'),
    ]);
    return `${titles[part]}:\n\n${renderTable(head, cells)}`;
  });
  return tables.join('\n\n');
}
