import { barX, dot, type Markish, ruleX, text, tickX } from '@observablehq/plot';
import { type Drawing, draw } from './draw.ts';
import type { BarsPicture, Point } from './picture.ts';
import { isOwn, nameOf, paint, paintOf, widthOf } from './theme.ts';

type Bar = { readonly point: Point<string>; readonly row: string; readonly name: string };

const rowPixels = 29;

/**
 * A bar for each system, from zero to its median, with a dot for each run, under the name of its
 * setting; where there is only one system, a bar for each setting.
 */
export function drawBars(picture: BarsPicture, points: readonly Point<string>[]): Drawing {
  const headings = headingsOf(points);
  const bars = points.map((point) => barOf(point, headings));
  const rows = [...new Set(bars.flatMap(({ point, row }) => [point.at, row]))].filter(
    (row) => headings.includes(row) || bars.some((bar) => bar.row === row),
  );
  const values = points.flatMap((point) => point.runs.map((run) => run.value));
  const marginTop = picture.mark ? 22 : 0;
  const marginLeft = widthOf(bars.map((bar) => bar.name)) + 44;
  return draw({
    height: rows.length * rowPixels + marginTop,
    ...{ marginTop, marginRight: 92, marginBottom: 0, marginLeft },
    x: { axis: null, domain: [0, Math.max(...values, picture.mark?.value ?? 0)] },
    y: { axis: null, domain: rows, padding: 0.3 },
    marks: [
      text(headings, {
        ...{ y: headings, frameAnchor: 'left', dx: 20 - marginLeft, dy: 3, textAnchor: 'start' },
        ...{ fill: paint('text'), fontSize: 14, fontWeight: 600 },
      }),
      ...markOf(picture),
      ...bars.flatMap((bar) => drawBar(bar, picture)),
    ],
  });
}

function headingsOf(points: readonly Point<string>[]): string[] {
  const systems = new Set(points.map((point) => point.series));
  return systems.size > 1 ? [...new Set(points.map((point) => point.at))] : [];
}

function barOf(point: Point<string>, headings: readonly string[]): Bar {
  if (headings.length === 0) return { point, row: point.at, name: point.at };
  return { point, row: `${point.at}, ${point.series}`, name: nameOf(point.series) };
}

function drawBar({ point, row, name }: Bar, { axis }: BarsPicture): Markish[] {
  const { series, median, runs } = point;
  const colour = paintOf(series);
  const label = { fontSize: 14, fill: colour, fontWeight: isOwn(series) ? 700 : 500 };
  return [
    barX([median], { y: [row], x: [median], fill: colour, fillOpacity: 0.22 }),
    dot(runs, {
      ...{ y: runs.map(() => row), x: 'value', r: 4, stroke: colour, fillOpacity: 0.6 },
      fill: (run) => (run.isBusy ? paint('ground') : colour),
    }),
    tickX([median], { y: [row], x: [median], stroke: colour, strokeWidth: 3 }),
    text([name], { y: [row], x: [0], dx: -12, textAnchor: 'end', ...label }),
    text([axis.format(median)], {
      ...{ y: [row], frameAnchor: 'right', dx: 72, textAnchor: 'end', ...label },
    }),
  ];
}

function markOf({ mark }: BarsPicture): Markish[] {
  if (mark === undefined) return [];
  return [
    ruleX([mark.value], { stroke: paint('mark'), strokeWidth: 1.5, strokeDasharray: '2 4' }),
    text([mark.label], {
      ...{ x: [mark.value], frameAnchor: 'top', dy: -12, fill: paint('muted'), fontSize: 12 },
    }),
  ];
}
