import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom, shuffle } from '../../src/simulator/random.ts';
import { describeMachine } from '../support/machine-load.ts';
import { writeSection } from '../support/results-file.ts';
import { runBench } from '../support/run-bench.ts';
import { makeTree } from '../support/tree.ts';
import { makeWorkFolder } from '../support/work-folder.ts';
import { measureCase } from './cases.ts';
import { type Case, mediansOf } from './figures.ts';
import { judgeGoals } from './goals.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { checkPrograms } from './preflight.ts';
import { renderFailures, renderGoals, renderMedians, renderRuns } from './report.ts';

// Fills N nodes of a rack with one package tree, by each system, and says how long it took.

const benchFolder = join(import.meta.dirname, '..');

await runBench('rack', main);

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  checkPrograms(options.systems);
  const cases = await measureAll(options);
  const summary = [renderMedians(cases), renderGoals(cases), renderFailures(cases)];
  process.stdout.write(`${summary.filter(Boolean).join('\n\n')}\n`);
  if (options.save) await save(cases, argv);
  if (options.json) process.stdout.write(`${JSON.stringify(renderJson(cases))}\n`);
  const isComplete = cases.every((each) => mediansOf(each.runs) !== undefined);
  return isComplete && judgeGoals(cases).every((verdict) => verdict.isReached) ? 0 : 1;
}

async function measureAll(options: Options): Promise<Case[]> {
  const mostNodes = Math.max(...options.sizes.map((size) => size.nodes));
  // Each node keeps a store and an installed copy.
  const folder = makeWorkFolder(options.treeSizeBytes * (2 * mostNodes + 2));
  const tree = await makeTree(join(folder, 'tree'), {
    totalSizeBytes: options.treeSizeBytes,
    fileCount: options.fileCount,
    seed: options.seed,
  });
  const paths = tree.files.map((file) => file.path);
  const order = options.order === 'sorted' ? paths : shuffle(paths, createRandom(options.seed));
  const setting = { options, tree, order, folder, progress };
  const cases: Case[] = [];
  for (const size of options.sizes) {
    for (const system of options.systems) cases.push(await measureCase(setting, system, size));
  }
  return cases;
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
    renderFailures(cases),
  ];
  const text = body.filter(Boolean).join('\n\n');
  await writeSection(join(benchFolder, 'RESULTS.md'), `\`${command}\``, text);
  await mkdir(join(benchFolder, 'results'), { recursive: true });
  for (const each of cases) {
    const line = JSON.stringify({ date, command, machine: describeMachine(), ...each });
    await appendFile(join(benchFolder, 'results', `rack-${each.nodes}.json`), `${line}\n`);
  }
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
