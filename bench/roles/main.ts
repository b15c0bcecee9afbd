import { join } from 'node:path';
import { renderFigures } from '../support/figure-table.ts';
import { rackPrograms, requirePrograms } from '../support/programs.ts';
import { reportRuns } from '../support/report-runs.ts';
import { runBench } from '../support/run-bench.ts';
import { makeTree } from '../support/tree.ts';
import { makeWorkFolder } from '../support/work-folder.ts';
import { columns, judgeGoals, type PhaseRun, summarize } from './figures.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { planBenchRoles } from './roles.ts';
import { runPhases } from './run.ts';

// Lets nodes of two roles install a part of a tree each, before and after their orders are learnt.

const name = 'roles';

await runBench({ name, usage, parseOptions }, main);

async function main(options: Options, argv: readonly string[]): Promise<number> {
  requirePrograms([...rackPrograms, { file: '/usr/bin/curl', debianPackage: 'curl' }]);
  const runs = await measureAll(options);
  const medians = renderFigures(
    ['orders'],
    columns,
    summarize(runs).map(({ phase, figures }) => ({ names: [phase], figures })),
  );
  const tables = { medians, everyRun: renderRuns(runs), verdicts: judgeGoals(runs) };
  return reportRuns({ name, argv, options, runs, ...tables });
}

async function measureAll(options: Options): Promise<PhaseRun[]> {
  const { treeSizeBytes: totalSizeBytes, fileCount, seed } = options;
  // Each node keeps a store and an installed copy, of little more than what it wants.
  const nodesBytes = 4 * options.part * totalSizeBytes * options.nodes;
  const folder = makeWorkFolder(totalSizeBytes + nodesBytes);
  const tree = await makeTree(join(folder, 'tree'), { totalSizeBytes, fileCount, seed });
  const plan = planBenchRoles(tree.files, options);
  const runs: PhaseRun[] = [];
  for (let round = 0; round < options.runs; round += 1) {
    runs.push(...(await runPhases({ options, tree, plan, folder: join(folder, 'run') })));
  }
  return runs;
}

function renderRuns(runs: readonly PhaseRun[]): string {
  const rows = runs.map(({ phase, figures, isBusy }) => ({
    ...{ names: [phase], figures },
    note: isBusy ? 'busy' : '',
  }));
  return renderFigures(['orders'], columns, rows);
}
