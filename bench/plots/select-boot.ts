import { type Figures, mediansOf, type Part, type Run } from '../boot/figures.ts';
import type { Point } from './picture.ts';
import type { Results, Stored } from './stored-results.ts';

type StoredBoot = Stored & { readonly runs: readonly Run[] };
type Pick = (figures: Figures) => number | undefined;

/** The newest measurement of one part, by setting. */
export function selectBoot(results: Results, part: Part, pick: Pick): Point<string>[] {
  const all = (results.get('boot') ?? []) as readonly StoredBoot[];
  const newest = all.findLast((each) => each.runs.some((run) => run.part === part));
  if (newest === undefined) return [];
  const ofPart = newest.runs.filter((run) => run.part === part);
  return mediansOf(ofPart).flatMap(({ server, setting, figures }) => {
    const median = pick(figures);
    const own = ofPart.filter((run) => run.server === server && run.setting === setting);
    const values = own.flatMap((run) => (run.figures && pick(run.figures)) ?? []);
    const runs = values.map((value) => ({ value, isBusy: false }));
    const date = newest.date.slice(0, 10);
    return median === undefined ? [] : [{ series: server, at: setting, median, runs, date }];
  });
}
