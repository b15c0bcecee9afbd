import {
  axisX,
  axisY,
  dot,
  gridY,
  lineY,
  type Markish,
  ruleY,
  type ScaleOptions,
  scale,
  text,
} from '@observablehq/plot';
import { type Drawing, draw } from './draw.ts';
import type { LinesPicture, Point } from './picture.ts';
import { spread } from './spread.ts';
import { isOwn, nameOf, paint, paintOf, widthOf } from './theme.ts';
import { domainOf, ticksOf } from './ticks.ts';

type Points = readonly Point<number>[];
type Label = { readonly point: Point<number>; readonly y: number };

const height = 380;
const margins = { marginTop: 14, marginBottom: 34, marginLeft: 60 };
const insetPixels = 30;
const labelGapPixels = 19;

/** A line through the medians of each system, a dot for each run, names where the lines end. */
export function drawLines(picture: LinesPicture, points: Points): Drawing {
  const places = [...new Set(points.map((point) => point.at))].toSorted((a, b) => a - b);
  const y = scaleOf(picture, points);
  const ticks = ticksOf(picture.axis.scale, y.domain);
  const axis = { tickSize: 0, tickPadding: 10, fill: paint('muted'), label: null };
  return draw({
    height,
    ...margins,
    marginRight: widthOf(points.map((point) => labelOf(point, picture))) - insetPixels + 32,
    x: { type: picture.places.scale, inset: insetPixels, domain: [places[0], places.at(-1)] },
    y,
    marks: [
      gridY(ticks, { stroke: paint('line'), strokeOpacity: 1 }),
      axisY(ticks, { ...axis, text: ticks.map(picture.axis.format) }),
      axisX(places, { ...axis, text: places.map(picture.places.format) }),
      ...markOf(picture),
      ...systemsOf(points).flatMap(drawSystem),
      ...labelsOf(points, y).map((label) => drawLabel(label, picture)),
    ],
  });
}

/** Ours last, on top of the others. */
function systemsOf(points: Points): Points[] {
  const systems = [...Map.groupBy(points, (point) => point.series)];
  return systems.toSorted(([a], [b]) => Number(isOwn(a)) - Number(isOwn(b))).map(([, own]) => own);
}

function scaleOf({ axis, mark }: LinesPicture, points: Points) {
  const values = points.flatMap((point) => point.runs.map((run) => run.value));
  const all = mark ? [...values, mark.value] : values;
  const insetBottom = axis.scale === 'log' ? 24 : 0;
  const domain = domainOf(axis.scale, all);
  const range: [number, number] = [height - margins.marginBottom - insetBottom, margins.marginTop];
  return { type: axis.scale, domain, range } satisfies ScaleOptions;
}

function markOf({ mark }: LinesPicture): Markish[] {
  if (mark === undefined) return [];
  return [
    ruleY([mark.value], { stroke: paint('mark'), strokeWidth: 1.5, strokeDasharray: '2 4' }),
    text([mark.label], {
      ...{ y: [mark.value], frameAnchor: 'right', dy: 13, textAnchor: 'end' },
      ...{ fill: paint('muted'), fontSize: 12 },
    }),
  ];
}

function drawSystem(points: Points): Markish[] {
  const colour = paintOf(points[0]?.series ?? '');
  const runs = points.flatMap(({ at, runs }) => runs.map((run) => ({ at, ...run })));
  return [
    lineY(points, {
      ...{ x: 'at', y: 'median', sort: 'at', stroke: colour },
      strokeWidth: isOwn(points[0]?.series) ? 3.5 : 2,
    }),
    dot(runs, {
      ...{ x: 'at', y: 'value', r: 4, stroke: colour },
      fill: (run) => (run.isBusy ? paint('ground') : colour),
      fillOpacity: 0.6,
    }),
  ];
}

/** Where each line ends; those that end at the same place make room for each other. */
function labelsOf(points: Points, y: ScaleOptions): Label[] {
  const { apply, invert } = scale({ y });
  const ends = systemsOf(points).flatMap((own) => own.toSorted((a, b) => b.at - a.at)[0] ?? []);
  return [...Map.groupBy(ends, (end) => end.at).values()].flatMap((group) => {
    const wanted = group.map((end) => apply(end.median));
    const places = spread(wanted, labelGapPixels);
    return group.map((point, index) => ({ point, y: invert?.(places[index]) }));
  });
}

function drawLabel({ point, y }: Label, picture: LinesPicture): Markish {
  return text([labelOf(point, picture)], {
    ...{ x: [point.at], y: [y], dx: 12, textAnchor: 'start', fontSize: 14 },
    ...{ fill: paintOf(point.series), stroke: paint('ground'), strokeWidth: 5 },
    fontWeight: isOwn(point.series) ? 700 : 500,
  });
}

function labelOf({ series, median }: Point<number>, { axis }: LinesPicture): string {
  return `${nameOf(series)} ${axis.format(median)}`;
}
