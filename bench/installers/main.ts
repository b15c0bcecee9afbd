import { nginxNeeds } from '../support/nginx.ts';
import { rackPrograms, requirePrograms } from '../support/programs.ts';
import { runBench } from '../support/run-bench.ts';
import { saveResults } from '../support/save-results.ts';
import { makeWorkFolder } from '../support/work-folder.ts';
import { measureCases, planCases } from './cases.ts';
import { type Case, summarize } from './figures.ts';
import { judgeGoals } from './goals.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { renderFailures, renderGoals, renderMedians, renderRuns } from './report.ts';

// Lets dnf, apt and debootstrap install on N nodes at once, and says how long they take beside one.

const name = 'installers';

await runBench({ name, usage, parseOptions }, main);

async function main(options: Options, argv: readonly string[]): Promise<number> {
  const curl = { file: '/usr/bin/curl', debianPackage: 'curl' };
  const needs = options.clients.flatMap((client) => client.needs);
  requirePrograms([...rackPrograms, ...nginxNeeds, curl, ...needs]);
  const cases = await measureAll(options);
  const summary = [renderMedians(cases), renderGoals(cases), renderFailures(cases)];
  process.stdout.write(`${summary.filter(Boolean).join('\n\n')}\n`);
  const [medians = '', goals = '', failures = ''] = summary;
  if (options.save) {
    const parts = [medians, goals, 'Every run:', renderRuns(cases), failures];
    await saveResults({ name, argv, parts, records: cases });
  }
  const verdicts = judgeGoals(cases);
  if (options.json) process.stdout.write(`${JSON.stringify({ cases, goals: verdicts })}\n`);
  const isComplete = summarize(cases).length === cases.length;
  return isComplete && verdicts.every((verdict) => verdict.isReached) ? 0 : 1;
}

async function measureAll(options: Options): Promise<Case[]> {
  const mostNodes = Math.max(...options.nodes);
  const cases: Case[] = [];
  for (const client of options.clients) {
    const tree = await client.tree();
    // Each node keeps a store, the packages it fetched, and what is in them.
    const folder = makeWorkFolder(tree.packagesBytes * 6 * mostNodes);
    cases.push(...(await measureCases(planCases(options, { client, tree, folder }), options)));
  }
  return cases;
}
