import { appendFile, mkdir } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { describeMachine } from '../support/machine-load.ts';
import { requirePrograms } from '../support/programs.ts';
import { writeSection } from '../support/results-file.ts';
import { runBench } from '../support/run-bench.ts';
import { mediansOf, type Run } from './figures.ts';
import { judgeGoals } from './goals.ts';
import { measureRound } from './measure.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { renderGoals, renderMedians, renderRuns } from './report.ts';

// Announces to the tracker and to opentracker in turns, and says how fast each answers.

const benchFolder = join(import.meta.dirname, '..');

await runBench({ name: 'tracker', usage, parseOptions }, main);

async function main(options: Options, argv: readonly string[]): Promise<number> {
  requirePrograms([{ file: '/usr/bin/opentracker', debianPackage: 'opentracker' }]);
  const runs: Run[] = [];
  for (let round = 0; round < options.runs; round += 1) {
    runs.push(...(await measureRound({ options, progress }, round)));
  }
  process.stdout.write(`${renderMedians(runs)}\n\n${renderGoals(runs)}\n`);
  if (options.save) await save(runs, argv);
  return judgeGoals(mediansOf(runs)).every(({ isReached }) => isReached) ? 0 : 1;
}

async function save(runs: readonly Run[], argv: readonly string[]): Promise<void> {
  const date = new Date().toISOString();
  const machine = describeMachine();
  const command = ['npm run bench:tracker', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' ');
  const text = [
    `${date.slice(0, 10)}, ${machine}, load average ${loadavg()[1]?.toFixed(0)}. Medians:`,
    renderMedians(runs),
    renderGoals(runs),
    'Every run:',
    renderRuns(runs),
  ].join('\n\n');
  await writeSection(join(benchFolder, 'RESULTS.md'), `\`${command}\``, text);
  await mkdir(join(benchFolder, 'results'), { recursive: true });
  const line = JSON.stringify({ date, command, machine, runs });
  await appendFile(join(benchFolder, 'results', 'tracker.json'), `${line}\n`);
}

function progress(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
