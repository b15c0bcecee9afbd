import { join } from 'node:path';
import { renderFigures } from '../support/figure-table.ts';
import { waitUntilQuiet } from '../support/quiet-machine.ts';
import { reportRuns } from '../support/report-runs.ts';
import { runBench } from '../support/run-bench.ts';
import { tellProgress } from '../support/save-results.ts';
import { makeTree } from '../support/tree.ts';
import { makeWorkFolder } from '../support/work-folder.ts';
import { type CrowdRun, columns, judgeGoals, summarize } from './figures.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { runCrowd } from './run.ts';

// Lets growing crowds of agents be connected to one frontend, and says what memory it needs.

const name = 'crowd';

await runBench({ name, usage, parseOptions }, main);

async function main(options: Options, argv: readonly string[]): Promise<number> {
  const runs = await measureAll(options);
  const medians = renderRuns(summarize(runs));
  const tables = { medians, everyRun: renderRuns(runs), verdicts: judgeGoals(runs) };
  return reportRuns({ name, argv, options, runs, ...tables });
}

async function measureAll(options: Options): Promise<CrowdRun[]> {
  const { treeSizeBytes: totalSizeBytes, fileCount, seed, waitQuietSeconds } = options;
  const folder = makeWorkFolder(totalSizeBytes);
  const tree = await makeTree(join(folder, 'tree'), { totalSizeBytes, fileCount, seed });
  const runs: CrowdRun[] = [];
  for (let round = 0; round < options.runs; round += 1) {
    for (const agents of options.crowds) {
      await waitUntilQuiet(waitQuietSeconds, tellProgress);
      const run = await runCrowd(agents, tree, options.uploadBytesPerSecond);
      const { peakMegabytes = 0, seconds = 0 } = run.figures;
      tellProgress(`${agents} agents: ${seconds.toFixed(1)} s, ${peakMegabytes.toFixed(0)} MB`);
      runs.push(run);
    }
  }
  return runs;
}

function renderRuns(runs: readonly CrowdRun[]): string {
  const rows = runs.map(({ agents, figures }) => ({ names: [String(agents)], figures }));
  return renderFigures(['agents'], columns, rows);
}
