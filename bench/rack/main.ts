import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom, shuffle } from '../../src/simulator/random.ts';
import { describeMachine } from '../support/machine-load.ts';
import { writeSection } from '../support/results-file.ts';
import { runBench } from '../support/run-bench.ts';
import { type BenchTree, makeTree } from '../support/tree.ts';
import { makeWorkFolder } from '../support/work-folder.ts';
import { measureCase } from './cases.ts';
import { type Case, mediansOf } from './figures.ts';
import { judgeGoals } from './goals.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { type Job, planJobs } from './plan-jobs.ts';
import { checkPrograms } from './preflight.ts';
import { renderFailures, renderGoals, renderMedians, renderNamed, renderRuns } from './report.ts';

// Fills N nodes of a rack with one package tree, by each system in each scenario, and says how long
// it took.

const benchFolder = join(import.meta.dirname, '..');

await runBench({ name: 'rack', usage, parseOptions }, main);

async function main(options: Options, argv: readonly string[]): Promise<number> {
  const jobs = planJobs(options);
  checkPrograms(jobs.map((job) => job.system));
  const cases = await measureAll(jobs, options);
  const summary = [
    ...[renderMedians(cases), renderNamed(cases), renderGoals(cases), renderFailures(cases)],
  ];
  process.stdout.write(`${summary.filter(Boolean).join('\n\n')}\n`);
  if (options.save) await save(cases, argv);
  if (options.json) process.stdout.write(`${JSON.stringify(renderJson(cases))}\n`);
  const isComplete = cases.every((each) => mediansOf(each.runs) !== undefined);
  return isComplete && judgeGoals(cases).every((verdict) => verdict.isReached) ? 0 : 1;
}

async function measureAll(jobs: readonly Job[], options: Options): Promise<Case[]> {
  const cases: Case[] = [];
  for (const treeSizeBytes of new Set(jobs.map((job) => job.treeSizeBytes))) {
    const alike = jobs.filter((job) => job.treeSizeBytes === treeSizeBytes);
    const mostNodes = Math.max(...alike.map((job) => job.size.nodes));
    // Each node keeps a store and an installed copy; a few more are in the way.
    const folder = makeWorkFolder(treeSizeBytes * (2 * mostNodes + 6));
    const tree = await makeTree(join(folder, 'tree'), {
      totalSizeBytes: treeSizeBytes,
      fileCount: options.fileCount,
      seed: options.seed,
    });
    const setting = { options, tree, order: orderOf(tree, options), folder, progress };
    for (const job of alike) cases.push(await measureCase(setting, job));
  }
  return cases;
}

function orderOf(tree: BenchTree, { order, seed }: Options): readonly string[] {
  const paths = tree.files.map((file) => file.path);
  return order === 'sorted' ? paths : shuffle(paths, createRandom(seed));
}

async function save(cases: readonly Case[], argv: readonly string[]): Promise<void> {
  const date = new Date().toISOString();
  const command = ['npm run bench:rack', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' ');
  const body = [
    `${date.slice(0, 10)}, ${describeMachine()}. Medians:`,
    renderMedians(cases),
    renderGoals(cases),
    'Every run:',
    renderRuns(cases),
    renderNamed(cases),
    renderFailures(cases),
  ];
  const text = body.filter(Boolean).join('\n\n');
  await writeSection(join(benchFolder, 'RESULTS.md'), `\`${command}\``, text);
  await mkdir(join(benchFolder, 'results'), { recursive: true });
  for (const each of cases) {
    const line = JSON.stringify({ date, command, machine: describeMachine(), ...each });
    await appendFile(join(benchFolder, 'results', resultsName(each)), `${line}\n`);
  }
  progress('saved; `npm run bench:plots` draws the pictures again');
}

/** Only the plain scenario's files are named after the number of nodes alone. */
function resultsName({ scenario, nodes }: Case): string {
  return scenario === 'plain' ? `rack-${nodes}.json` : `scenario-${scenario}-${nodes}.json`;
}

function renderJson(cases: readonly Case[]) {
  return {
    cases: cases.map((each) => ({ ...each, medians: mediansOf(each.runs) })),
    goals: judgeGoals(cases),
  };
}

function progress(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
