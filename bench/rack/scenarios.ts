import type { Scenario } from './scenario.ts';
import { company } from './scenarios/company.ts';
import { fastFrontend } from './scenarios/fast-frontend.ts';
import { frontendGone, trackerGone } from './scenarios/gone.ts';
import { plain } from './scenarios/plain.ts';
import { racks, racksUnknown } from './scenarios/racks.ts';
import { spread } from './scenarios/spread.ts';

const all: readonly Scenario[] = [
  ...[plain, fastFrontend, spread, racks, racksUnknown],
  ...[company, frontendGone, trackerGone],
];

/** What can be measured, by name. */
export const scenarios: ReadonlyMap<string, Scenario> = new Map(
  all.map((scenario) => [scenario.name, scenario]),
);
