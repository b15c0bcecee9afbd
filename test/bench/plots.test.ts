import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { XMLValidator } from 'fast-xml-parser';
import { times } from '../../bench/plots/axes.ts';
import { makespan } from '../../bench/plots/makespan.ts';
import type { BarsPicture, Point } from '../../bench/plots/picture.ts';
import { pictures } from '../../bench/plots/pictures.ts';
import { renderPicture } from '../../bench/plots/render.ts';
import { readResults } from '../../bench/plots/stored-results.ts';

const results = readResults('bench/results');
const drawn = new Map<string, string>(
  pictures.flatMap((picture) => {
    const svg = renderPicture(picture, results);
    return svg === undefined ? [] : [[`${picture.name}.svg`, svg] as const];
  }),
);

test('docs/plots has what the stored results give', (t) => {
  const stale = [...drawn].filter(([name, svg]) => svg !== readIfThere(`docs/plots/${name}`));
  const left = readdirSync('docs/plots').filter((name) => !drawn.has(name));
  const names = [...stale.map(([name]) => name), ...left];
  t.deepEqual(names, [], 'not what bench/results gives; run npm run bench:plots');
});

test('the same results give the same bytes', (t) => {
  for (const picture of pictures) {
    t.is(renderPicture(picture, readResults('bench/results')), drawn.get(`${picture.name}.svg`));
  }
});

test('pictures are small, well-formed, told in words, and fetch nothing', (t) => {
  for (const [name, svg] of drawn) {
    t.true(svg.length < 30_000, `${name} has ${svg.length} bytes`);
    t.true(XMLValidator.validate(svg), name);
    t.regex(svg, /<title id="title">[^<]+<\/title>\n<desc id="desc">[^<]+<\/desc>/, name);
    t.regex(svg, /prefers-color-scheme: dark/, name);
    t.notRegex(svg.replace('http://www.w3.org/2000/svg', ''), /https?:|href|@import|NaN/, name);
  }
});

test('a picture of which nothing is stored is not drawn', (t) => {
  for (const picture of pictures) t.is(renderPicture(picture, new Map()), undefined);
});

test('a busy run is hollow, and the foot says so', (t) => {
  const svgOf = (isBusy: boolean) =>
    renderPicture({ ...makespan, select: () => [point(8, isBusy), point(32, false)] }, new Map());
  const hollow = /<circle[^>]*fill="var\(--ground\)"/;
  t.regex(svgOf(true) ?? '', hollow);
  t.regex(svgOf(true) ?? '', /hollow: the processors/);
  t.notRegex(svgOf(false) ?? '', hollow);
  t.notRegex(svgOf(false) ?? '', /hollow/);
});

test('bars of one system are named by their settings, within the picture, and escaped', (t) => {
  const bars: BarsPicture = {
    ...{ kind: 'bars', name: 'bars', title: 'A & B', subtitle: 'a < b', command: 'npm run it' },
    axis: times,
    mark: { value: 1.15, label: 'wanted' },
    select: () => [point('one peer killed', false), point('one <b> & more', false)],
  };
  const svg = renderPicture(bars, new Map()) ?? '';
  t.true(XMLValidator.validate(svg));
  t.regex(svg, />one peer killed</);
  t.regex(svg, />one &lt;b&gt; &amp; more</);
  t.regex(svg, />wanted</);
  t.notRegex(svg, />Scree</);
});

function point<Place>(at: Place, isBusy: boolean): Point<Place> {
  return { series: 'scree', at, median: 1.5, runs: [{ value: 1.5, isBusy }], date: '2026-01-02' };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
