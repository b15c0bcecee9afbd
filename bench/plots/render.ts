import { drawBars } from './draw-bars.ts';
import { drawLines } from './draw-lines.ts';
import { renderFrame } from './frame.ts';
import type { Picture, Point } from './picture.ts';
import type { Results } from './stored-results.ts';
import { nameOf } from './theme.ts';

type Points = readonly Point<number | string>[];

/** The SVG file of a picture, or undefined where nothing is stored for it. */
export function renderPicture(picture: Picture, results: Results): string | undefined {
  if (picture.kind === 'lines') {
    const points = picture.select(results);
    if (points.length === 0) return undefined;
    return renderFrame(drawLines(picture, points), wordsOf(picture, points));
  }
  const points = picture.select(results);
  if (points.length === 0) return undefined;
  return renderFrame(drawBars(picture, points), wordsOf(picture, points));
}

function wordsOf(picture: Picture, points: Points) {
  const { title, subtitle } = picture;
  return { title, subtitle, foot: footOf(picture, points), description: describe(picture, points) };
}

function footOf({ kind, command }: Picture, points: Points): string {
  const hasBusy = points.some((point) => point.runs.some((run) => run.isBusy));
  const newest =
    points
      .map((point) => point.date)
      .toSorted()
      .at(-1) ?? '';
  return [
    kind === 'lines' ? 'Dots: single runs; lines: medians' : 'Dots: single runs; bars: medians',
    ...(hasBusy ? ['hollow: the processors were the limit, not the network'] : []),
    `${command}, ${newest}`,
  ].join(' · ');
}

/** The medians in words. */
function describe(picture: Picture, points: Points): string {
  const placeOf = (at: number | string) =>
    picture.kind === 'lines' ? picture.places.format(Number(at)) : at;
  const systems = [...Map.groupBy(points, (point) => point.series)];
  const sentences = systems.map(([series, own]) => {
    const values = own.map(({ at, median }) => `${placeOf(at)} ${picture.axis.format(median)}`);
    return `${nameOf(series)}: ${values.join(', ')}.`;
  });
  return [`${picture.subtitle}. Medians.`, ...sentences].join(' ');
}
