import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine } from '../support/machine-load.ts';
import { rackPrograms, requirePrograms } from '../support/programs.ts';
import { writeSection } from '../support/results-file.ts';
import { runBench } from '../support/run-bench.ts';
import { makeDiskFolder, makeWorkFolder } from '../support/work-folder.ts';
import { atftp } from './atftp.ts';
import { mediansOf, type Run } from './figures.ts';
import { python } from './firmware.ts';
import { judgeGoals } from './goals.ts';
import { makeInitrd } from './initrd.ts';
import { dhcpServers, measureRound, tftpServers } from './measure.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { perfdhcp } from './perfdhcp.ts';
import { renderFailures, renderGoals, renderMedians, renderRuns } from './report.ts';
import { type Summary, summarize } from './summary.ts';

// Answers machines from power-on to kernel, side by side with other servers, and says how fast.

const benchFolder = join(import.meta.dirname, '..');

await runBench({ name: 'boot', usage, parseOptions }, main);

async function main(options: Options, argv: readonly string[]): Promise<number> {
  const servers = [...dhcpServers, ...tftpServers];
  requirePrograms([
    ...rackPrograms,
    perfdhcp,
    atftp,
    python,
    ...servers.flatMap(({ needs }) => needs),
  ]);
  const runs = await measureAll(options);
  const summary = summarize(mediansOf(runs), options);
  const parts = [renderMedians(runs), renderGoals(summary), renderFailures(runs)];
  process.stdout.write(`${parts.filter(Boolean).join('\n\n')}\n`);
  if (options.save) await save(runs, summary, argv);
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  const isComplete = runs.every((run) => run.figures !== undefined);
  return isComplete && judgeGoals(summary).every((verdict) => verdict.isReached) ? 0 : 1;
}

async function measureAll(options: Options): Promise<Run[]> {
  const folder = makeDiskFolder();
  const copiesFolder = makeWorkFolder(options.initrdBytes * Math.max(...options.clients));
  const initrd = await makeInitrd(join(folder, 'tftpboot'), options.initrdBytes);
  const bench = { options, folder: join(folder, 'runs'), copiesFolder, initrd, progress };
  const runs: Run[] = [];
  for (let round = 0; round < options.runs; round += 1) runs.push(...(await measureRound(bench)));
  return runs;
}

async function save(
  runs: readonly Run[],
  summary: Summary,
  argv: readonly string[],
): Promise<void> {
  const date = new Date().toISOString();
  const machine = describeMachine();
  const command = ['npm run bench:boot', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' ');
  const body = [
    `${date.slice(0, 10)}, ${machine}. Medians:`,
    renderMedians(runs),
    renderGoals(summary),
    'Every run:',
    renderRuns(runs),
    renderFailures(runs),
  ];
  const text = body.filter(Boolean).join('\n\n');
  await writeSection(join(benchFolder, 'RESULTS.md'), `\`${command}\``, text);
  await mkdir(join(benchFolder, 'results'), { recursive: true });
  const line = JSON.stringify({ date, command, machine, summary, runs });
  await appendFile(join(benchFolder, 'results', 'boot.json'), `${line}\n`);
  progress('saved; `npm run bench:plots` draws the pictures again');
}

function progress(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
