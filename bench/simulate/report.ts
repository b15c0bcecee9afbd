import { formatBytes } from '../../src/runtime/units.ts';
import { renderTable } from '../support/markdown-table.ts';
import type { Run } from './simulation.ts';

const mostSlowestToMedian = 1.15;
const bitsPerByte = 8;

const columns: readonly { readonly head: string; readonly cell: (run: Run) => string }[] = [
  { head: 'nodes', cell: ({ figures }) => String(figures.nodes) },
  { head: 'racks', cell: ({ figures }) => String(figures.racks) },
  {
    head: 'frontend',
    cell: ({ settings }) =>
      `${((settings.frontendBytesPerSecond ?? 0) * bitsPerByte) / 1e9} Gbit/s`,
  },
  { head: 'limit s', cell: ({ figures }) => figures.limitSeconds.toFixed(2) },
  { head: 'makespan s', cell: ({ figures }) => figures.makespanSeconds.toFixed(2) },
  { head: '÷ limit', cell: ({ figures }) => figures.makespanToLimit.toFixed(2) },
  { head: 'copies', cell: ({ figures }) => figures.copies.toFixed(2) },
  { head: 'documents', cell: ({ figures }) => figures.documentCopies.toFixed(2) },
  { head: 'in', cell: ({ figures }) => figures.uplinks?.inMedian.toFixed(2) ?? '–' },
  { head: 'in, most', cell: ({ figures }) => figures.uplinks?.inMost.toFixed(2) ?? '–' },
  { head: 'out, most', cell: ({ figures }) => figures.uplinks?.outMost.toFixed(2) ?? '–' },
  { head: 'first byte 99 % s', cell: ({ figures }) => figures.firstByteP99Seconds.toFixed(2) },
  { head: 'announces/s', cell: ({ figures }) => figures.tracker.announcesPerSecond.toFixed(0) },
  { head: 'most in 1 s', cell: ({ figures }) => String(figures.tracker.mostPerSecond) },
  { head: 'slowest ÷ median', cell: ({ figures }) => fairnessOf(figures.slowestToMedian) },
];

const costs: typeof columns = [
  ...columns.slice(0, 3),
  { head: 'pieces', cell: ({ figures }) => String(figures.pieces) },
  { head: 'events', cell: ({ figures }) => `${(figures.events / 1e6).toFixed(2)} million` },
  { head: 'CPU-s', cell: ({ cost }) => cost.cpuSeconds.toFixed(0) },
  { head: 'memory', cell: ({ cost }) => formatBytes(cost.peakMemoryBytes) },
];

export function renderRuns(runs: readonly Run[]): string {
  return render(runs, columns);
}

/** What the simulations themselves took. */
export function renderCosts(runs: readonly Run[]): string {
  return render(runs, costs);
}

function render(runs: readonly Run[], all: typeof columns): string {
  return renderTable(
    all.map(({ head }) => head),
    runs.map((run) => all.map(({ cell }) => cell(run))),
  );
}

function fairnessOf(ratio: number): string {
  return ratio <= mostSlowestToMedian ? ratio.toFixed(2) : `${ratio.toFixed(2)}, unfair`;
}
