import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine } from './machine-load.ts';
import { writeSection } from './results-file.ts';

const benchFolder = join(import.meta.dirname, '..');

export type Results = {
  /** Of the benchmark, as in `npm run bench:<name>`. */
  readonly name: string;
  readonly argv: readonly string[];
  /** Paragraphs and tables; empty ones are left out. */
  readonly parts: readonly string[];
  /** Kept as lines of JSON. */
  readonly records: readonly object[];
};

/** Puts a section into bench/RESULTS.md, in place of the same command's, and adds the records. */
export async function saveResults({ name, argv, parts, records }: Results): Promise<void> {
  const date = new Date().toISOString();
  const machine = describeMachine();
  const command = [`npm run bench:${name}`, ...(argv.length > 0 ? ['--', ...argv] : [])].join(' ');
  const text = [`${date.slice(0, 10)}, ${machine}. Medians:`, ...parts.filter(Boolean)];
  await writeSection(join(benchFolder, 'RESULTS.md'), `\`${command}\``, text.join('\n\n'));
  await mkdir(join(benchFolder, 'results'), { recursive: true });
  const lines = records.map((record) => JSON.stringify({ date, command, machine, ...record }));
  await appendFile(join(benchFolder, 'results', `${name}.json`), `${lines.join('\n')}\n`);
  tellProgress('saved; `npm run bench:plots` draws the pictures again');
}

/** Says on stderr how far a benchmark has come. */
export function tellProgress(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
