import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '../../src/runtime/units.ts';
import { writeSection } from '../support/results-file.ts';
import { runBench } from '../support/run-bench.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { renderCosts, renderRuns } from './report.ts';
import { planSettings, type Run, runSimulation } from './simulation.ts';

// Simulates racks of growing size, one after the other, and says what becomes of them.

const benchFolder = join(import.meta.dirname, '..');
/** Of the memory that is free now. */
const memoryShare = 0.8;

await runBench({ name: 'simulate', usage, parseOptions }, main);

async function main(options: Options, argv: readonly string[]): Promise<number> {
  const command = ['npm run bench:simulate', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' ');
  const heapMegabytes = Math.floor((process.availableMemory() * memoryShare) / 2 ** 20);
  const runs: Run[] = [];
  for (const settings of planSettings(options)) {
    process.stderr.write(`${settings.nodes} nodes\n`);
    const run = await runSimulation(settings, heapMegabytes);
    runs.push(run);
    if (options.save) await keep(command, run);
  }
  process.stdout.write(`${renderRuns(runs)}\n\n${renderCosts(runs)}\n`);
  if (options.save) await save(command, { options, runs });
  return 0;
}

/** A line of JSON, at once: the next run may take long. */
async function keep(command: string, { settings, figures, cost }: Run): Promise<void> {
  await mkdir(join(benchFolder, 'results'), { recursive: true });
  const line = JSON.stringify({
    date: new Date().toISOString(),
    ...{ command, ...settings, ...figures, ...cost },
  });
  await appendFile(join(benchFolder, 'results', 'simulate.json'), `${line}\n`);
}

async function save(
  command: string,
  { options, runs }: { readonly options: Options; readonly runs: readonly Run[] },
): Promise<void> {
  const { treeBytes, files, rackSize, nodeBytesPerSecond, seed } = options;
  const text = [
    `${new Date().toISOString().slice(0, 10)}, simulated: ${formatBytes(treeBytes)} in ${files} files, ` +
      `racks of ${rackSize} at 4:1, nodes of ${(nodeBytesPerSecond * 8) / 1e9} Gbit/s, seed ${seed}.`,
    renderRuns(runs),
    'What the simulations took, on a machine that may have done other things:',
    renderCosts(runs),
  ].join('\n\n');
  await writeSection(join(benchFolder, 'RESULTS.md'), `\`${command}\``, text);
}
