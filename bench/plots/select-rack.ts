import { type Case, mediansOf, type RunFigures } from '../rack/figures.ts';
import type { Point } from './picture.ts';
import type { Results, Stored } from './stored-results.ts';

type StoredCase = Stored & Case;
type Pick = (figures: RunFigures) => number | undefined;

/** With any other option it is other work than the usual one. */
const usualOptions = ['--systems', '--nodes', '--runs', '--wait-quiet', '--json'];

/** The newest measurement of each system with each number of nodes, all at the same work. */
export function selectRack(results: Results, pick: Pick): Point<number>[] {
  const cases = [...results]
    .filter(([name]) => /^rack-\d+$/.test(name))
    .flatMap(([, lines]) => lines as readonly StoredCase[])
    .filter(isUsual);
  // A later one takes the place of an earlier one.
  const newest = new Map(cases.map((each) => [`${each.system} ${each.nodes}`, each]));
  const points = [...newest.values()].flatMap((each) => pointOf(each, pick));
  return points.toSorted((a, b) => a.at - b.at);
}

function isUsual({ command }: StoredCase): boolean {
  const options = command.match(/--[a-z][a-z-]*/g) ?? [];
  return options.every((option) => usualOptions.includes(option));
}

function pointOf(stored: StoredCase, pick: Pick): Point<number>[] {
  const medians = mediansOf(stored.runs);
  const median = medians && pick(medians);
  if (median === undefined) return [];
  const runs = stored.runs.flatMap((run) => {
    const value = run.kind === 'done' ? pick(run.figures) : undefined;
    return run.kind === 'done' && value !== undefined ? [{ value, isBusy: run.busy }] : [];
  });
  return [
    { series: stored.system, at: stored.nodes, median, runs, date: stored.date.slice(0, 10) },
  ];
}
