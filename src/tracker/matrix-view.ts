import { frontendName, othersName } from './flow-matrix.ts';
import type { FlowStats } from './types.ts';

/** Who gave it: the own rack, another, or the frontend; as in the bars. */
type CellKind = 'rack' | 'racks' | 'frontend';

export type MatrixView = {
  readonly unit: string;
  /** So many columns, or such long names, that they stand upright. */
  readonly isDense: boolean;
  /** What stands above the columns: neighbours of one rack; empty where columns are racks. */
  readonly groups: readonly { readonly name: string; readonly span: number }[];
  readonly columns: readonly { readonly name: string; readonly isFirst: boolean }[];
  readonly rows: readonly {
    readonly source: string;
    /** The first of its rack. */
    readonly isFirst: boolean;
    readonly cells: readonly {
      readonly text: string;
      readonly kind: CellKind;
      /** From 0 to 10, for the eye: the root of its share of the largest cell, so that little is seen. */
      readonly weight: number;
      readonly isFirst: boolean;
    }[];
    readonly total: string;
  }[];
  /** Below each column: all that it got, and how much of it came from peers. */
  readonly received: readonly string[];
  readonly fromPeers: readonly string[];
};

/** A flow with the rack of each name; of racks, themselves. */
export type RackedFlow = FlowStats & {
  readonly sourceRacks: readonly (string | null)[];
  readonly receiverRacks: readonly (string | null)[];
};

const mostLetters = 72;
const weights = 10;

/** Figures of one unit, so that they can be compared, and short, so that many stand side by side. */
export function planMatrix(flow: RackedFlow, isByRack: boolean): MatrixView {
  const { sources, receivers, bytes, sourceRacks, receiverRacks } = flow;
  const most = bytes.flat().reduce((one, other) => Math.max(one, other), 1);
  const { unit, text } = createScale(most);
  const startsAt = (racks: readonly (string | null)[], at: number) =>
    !isByRack && racks[at] !== racks[at - 1];
  const cellAt = (row: number, column: number) => {
    const sizeBytes = bytes[row]?.[column] ?? 0;
    const weight = Math.ceil(weights * Math.sqrt(sizeBytes / most));
    const isFirst = startsAt(receiverRacks, column);
    return { text: text(sizeBytes), weight, kind: kindOf(flow, row, column), isFirst };
  };
  return {
    unit,
    isDense: receivers.join('').length > mostLetters,
    groups: isByRack ? [] : groupsOf(receiverRacks),
    columns: receivers.map((name, at) => ({ name, isFirst: startsAt(receiverRacks, at) })),
    rows: sources.map((source, row) => ({
      source,
      isFirst: startsAt(sourceRacks, row),
      cells: receivers.map((_, column) => cellAt(row, column)),
      total: text(sum(bytes[row] ?? [])),
    })),
    received: receivers.map((_, column) => text(sum(bytes.map((row) => row[column] ?? 0)))),
    fromPeers: receivers.map((_, column) => shareFromPeers(flow, column)),
  };
}

function kindOf(
  { sources, sourceRacks, receiverRacks }: RackedFlow,
  row: number,
  column: number,
): CellKind {
  if (sources[row] === frontendName) return 'frontend';
  const isOwn = sources[row] !== othersName && sourceRacks[row] === receiverRacks[column];
  return isOwn ? 'rack' : 'racks';
}

function shareFromPeers({ sources, bytes }: FlowStats, column: number): string {
  const all = sum(bytes.map((row) => row[column] ?? 0));
  const own = bytes[sources.indexOf(frontendName)]?.[column] ?? 0;
  return all === 0 ? '' : `${Math.floor((100 * (all - own)) / all)}`;
}

function groupsOf(racks: readonly (string | null)[]): MatrixView['groups'] {
  const groups: { name: string; span: number }[] = [];
  for (const [at, rack] of racks.entries()) {
    const last = groups.at(-1);
    if (last !== undefined && rack === racks[at - 1]) last.span += 1;
    else groups.push({ name: rack ?? '', span: 1 });
  }
  return groups;
}

/** The largest unit in which the largest figure has two digits or more. */
function createScale(mostBytes: number) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.max(0, Math.min(4, Math.floor(Math.log(mostBytes / 10) / Math.log(1024))));
  const text = (sizeBytes: number): string => {
    if (sizeBytes === 0) return '';
    const value = sizeBytes / 1024 ** power;
    if (value < 0.05) return '<0.1';
    return value < 9.95 && power > 0 ? value.toFixed(1) : `${Math.round(value)}`;
  };
  return { unit: units[power] ?? 'B', text };
}

function sum(all: readonly number[]): number {
  return all.reduce((one, other) => one + other, 0);
}
