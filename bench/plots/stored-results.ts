import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Lines of JSON as the benchmarks appended them, oldest first, by the file's name without `.json`. */
export type Results = ReadonlyMap<string, readonly unknown[]>;

/** What stands in every stored line beside its figures. */
export type Stored = { readonly date: string; readonly command: string };

export function readResults(folder: string): Results {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(
    names.toSorted().map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const lines = text.split('\n').filter((line) => line !== '');
      return [name.slice(0, -'.json'.length), lines.map((line): unknown => JSON.parse(line))];
    }),
  );
}
