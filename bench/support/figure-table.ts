import { renderTable } from './markdown-table.ts';
import { median } from './statistics.ts';

/** What was measured, by name; what could not be is missing. */
export type FigureSet<Name extends string> = Readonly<Partial<Record<Name, number>>>;

export type FigureColumn<Name extends string> = {
  readonly name: Name;
  readonly head: string;
  readonly digits: number;
};

/** The median of each figure over all sets that have it. */
export function mediansOfSets<Name extends string>(
  columns: readonly FigureColumn<Name>[],
  sets: readonly FigureSet<Name>[],
): FigureSet<Name> {
  const medians: Partial<Record<Name, number>> = {};
  for (const { name } of columns) {
    const value = median(sets.flatMap((set) => set[name] ?? []));
    if (value !== undefined) medians[name] = value;
  }
  return medians;
}

export type FigureRow<Name extends string> = {
  readonly names: readonly string[];
  readonly figures: FigureSet<Name>;
  /** For the last column. */
  readonly note?: string;
};

/** A row a set, its names in the first columns; columns of which nothing was measured are left out. */
export function renderFigures<Name extends string>(
  nameHead: readonly string[],
  columns: readonly FigureColumn<Name>[],
  rows: readonly FigureRow<Name>[],
): string {
  const shown = columns.filter(({ name }) => rows.some(({ figures }) => name in figures));
  const hasNotes = rows.some(({ note }) => note !== undefined);
  const head = [...nameHead, ...shown.map((column) => column.head), ...(hasNotes ? ['note'] : [])];
  const cells = rows.map(({ names, figures, note }) => [
    ...names,
    ...shown.map(({ name, digits }) => figures[name]?.toFixed(digits) ?? '–'),
    ...(hasNotes ? [note ?? ''] : []),
  ]);
  return renderTable(head, cells);
}
