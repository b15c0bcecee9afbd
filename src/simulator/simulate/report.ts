import { renderTable } from '../../runtime/table.ts';
import { formatBytes } from '../../runtime/units.ts';
import { countOf } from '../count-of.ts';
import type { SimulateFigures } from './figures.ts';

/** The figures for people. Ends with a newline. */
export function renderFigures(figures: SimulateFigures): string {
  const { nodes, racks, treeBytes, makespanSeconds, limitSeconds } = figures;
  const where = racks === 0 ? '' : ` in ${countOf(racks, 'rack')}`;
  const head =
    `${countOf(nodes, 'node')}${where}, ${formatBytes(treeBytes)} each: ` +
    `${makespanSeconds.toFixed(2)} s, where the network allows ${limitSeconds.toFixed(2)} s`;
  return `${head}\n\n${renderTable(['figure', 'value', 'what it is'], rowsOf(figures))}${renderNotes(figures)}`;
}

function rowsOf(figures: SimulateFigures): string[][] {
  const { uplinks, tracker } = figures;
  return [
    [
      'makespan ÷ limit',
      ratio(figures.makespanToLimit),
      'the last node, beside what no system can beat',
    ],
    ['copies', ratio(figures.copies), 'what left the frontend as pieces ÷ all that is wanted'],
    [
      'received ÷ wanted',
      ratio(figures.receivedToWanted),
      'pieces of all nodes, beside what was installed',
    ],
    [
      'of these by HTTP',
      ratio(figures.fallbackCopies),
      `${figures.fallbacksRefused} ranges refused`,
    ],
    ['documents', ratio(figures.documentCopies), 'manifests and torrents of all nodes ÷ the same'],
    ...(uplinks === undefined ? [] : uplinkRows(uplinks)),
    [
      'slowest ÷ median',
      ratio(figures.slowestToMedian),
      `the median node takes ${figures.medianSeconds.toFixed(2)} s`,
    ],
    [
      'first byte, median',
      seconds(figures.firstByteMedianSeconds),
      'from a request of the installer',
    ],
    ['first byte, 99 %', seconds(figures.firstByteP99Seconds), ''],
    [
      'announces/s',
      tracker.announcesPerSecond.toFixed(1),
      `${tracker.mostPerSecond} in the busiest second`,
    ],
    ['frontend peers', String(figures.frontendPeers), 'connected to it at the end'],
    ['wrong pieces', String(figures.wrongPieces), 'came, were found out, and thrown away'],
  ];
}

function uplinkRows(uplinks: NonNullable<SimulateFigures['uplinks']>): string[][] {
  return [
    [
      'into a rack',
      ratio(uplinks.inMedian),
      `the median rack's uplink ÷ what its nodes want; the most ${ratio(uplinks.inMost)}`,
    ],
    ['out of a rack', ratio(uplinks.outMost), 'the most'],
  ];
}

function renderNotes({ pieces, pieceBytes, scale, seed }: SimulateFigures): string {
  const times = scale.toFixed(1).replace(/\.0$/, '');
  const model =
    scale === 1
      ? ''
      : `, a model: tree and rates are ${times} times smaller than asked for (--pieces)`;
  return (
    `\n${countOf(pieces, 'piece')} of ${formatBytes(pieceBytes)}${model}; seed ${seed}.\n` +
    'Processors, lost packets and what machines boot from are not in it: docs/simulate.md.\n'
  );
}

function ratio(value: number): string {
  return value.toFixed(3);
}

function seconds(value: number): string {
  return `${value.toFixed(3)} s`;
}
