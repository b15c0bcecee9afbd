import { BenchError } from '../support/bench-error.ts';
import type { Options } from './options.ts';
import type { Scenario, Size } from './scenario.ts';
import { scenarios } from './scenarios.ts';
import type { System } from './system.ts';
import { systems } from './systems.ts';

/** One system in one scenario with one number of nodes. */
export type Job = {
  readonly scenario: Scenario;
  readonly system: System;
  readonly size: Size;
  readonly treeSizeBytes: number;
};

/**
 * What is to be measured, each job once: first what a scenario is compared with, then the scenario.
 * Throws BenchError `usage`.
 */
export function planJobs(options: Options): Job[] {
  const jobs = options.scenarios.flatMap((scenario) => jobsOf(scenario, options));
  if (jobs.length === 0) {
    throw new BenchError(
      'usage',
      'expected a system that the scenario can be measured with: scree',
    );
  }
  return [...new Map(jobs.map((job) => [keyOf(job), job])).values()];
}

function jobsOf(scenario: Scenario, options: Options): Job[] {
  const treeSizeBytes = options.treeSizeBytes ?? scenario.treeSizeBytes;
  const measured = systemsFor(scenario, options);
  return sizesFor(scenario, options).flatMap((size) => {
    const job = { size, treeSizeBytes };
    const compared = scenario.beside.flatMap((name) => scenarios.get(name) ?? []);
    return [
      ...compared.flatMap((beside) =>
        measured.filter(isOurs).map((system) => ({ ...job, scenario: beside, system })),
      ),
      ...measured.map((system) => ({ ...job, scenario, system })),
    ];
  });
}

function systemsFor(scenario: Scenario, options: Options): System[] {
  const named = options.systems ?? scenario.systems.flatMap((name) => systems.get(name) ?? []);
  return named.filter((system) => scenario.takesAll || isOurs(system));
}

function isOurs({ name }: System): boolean {
  return name === 'scree';
}

function sizesFor(scenario: Scenario, options: Options): Size[] {
  const counts = options.nodes ?? scenario.sizes.map(({ nodes }) => nodes);
  const rates = options.ratesBitsPerSecond;
  if (rates !== undefined && rates.length !== counts.length) {
    throw new BenchError(
      'usage',
      `expected as many --rate as --nodes (${counts.length}), got ${rates.length}`,
    );
  }
  return counts.map((nodes, index) => ({
    nodes,
    rateBitsPerSecond: rates?.[index] ?? usualRate(scenario, nodes),
  }));
}

/** That of the next larger rack of the scenario, else of its largest. */
function usualRate({ sizes }: Scenario, nodes: number): number {
  const size = sizes.find((each) => each.nodes >= nodes) ?? sizes.at(-1);
  return size?.rateBitsPerSecond ?? 20e6;
}

function keyOf({ scenario, system, size, treeSizeBytes }: Job): string {
  const { nodes, rateBitsPerSecond } = size;
  return JSON.stringify([scenario.name, system.name, nodes, rateBitsPerSecond, treeSizeBytes]);
}
