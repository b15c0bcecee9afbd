import { CsvError, parse } from 'csv-parse/sync';
import { messageOf } from '../../runtime/errors.ts';

export type CsvRow = { readonly cells: readonly string[]; readonly line: number };

/** RFC 4180, with or without a byte order mark; the header says if `;` or a tab is between cells. */
export function parseCsv(
  text: string,
): { readonly rows: readonly CsvRow[] } | { readonly line: number; readonly message: string } {
  const rows: CsvRow[] = [];
  const lineAt = lineCounter(Buffer.from(text));
  let startBytes = 0;
  try {
    parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (cells: string[], { bytes }) => {
        rows.push({ cells, line: lineAt(startBytes) });
        startBytes = bytes;
        return null;
      },
    });
    return { rows };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Its own count of lines takes \r\n in quotes for two.
    const what = messageOf(error).replaceAll(/ at line \d+/g, '');
    return { line: lineAt(startBytes), message: `expected CSV, got: ${what}` };
  }
}

export function renderCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(renderCell).join(',')}\n`).join('');
}

function renderCell(text: string): string {
  // A quoted first cell cannot be taken for an empty line, or for a mark at the start.
  return /^$|^[\w.:/@+-][^",;\t\r\n\ufeff]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
}

/** The line of the first text at or after an offset; to be asked in ascending order. */
function lineCounter(bytes: Buffer): (offset: number) => number {
  let [at, line] = [0, 1];
  return (offset) => {
    for (; at < bytes.length; at += 1) {
      const isBreak = bytes[at] === 10;
      if (at >= offset && !isBreak && bytes[at] !== 13) break;
      if (isBreak) line += 1;
    }
    return line;
  };
}

function delimiterOf(text: string): string {
  const header = text.split(/\r?\n/).find((line) => line.trim() !== '') ?? '';
  if (header.includes(',')) return ',';
  return [';', '\t'].find((each) => header.includes(each)) ?? ',';
}
