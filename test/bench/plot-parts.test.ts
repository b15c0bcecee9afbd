import test from 'ava';
import fc from 'fast-check';
import { selectBoot } from '../../bench/plots/select-boot.ts';
import { selectRack } from '../../bench/plots/select-rack.ts';
import { spread } from '../../bench/plots/spread.ts';
import { colours } from '../../bench/plots/theme.ts';
import { domainOf, ticksOf } from '../../bench/plots/ticks.ts';
import type { Case, Run, RunFigures } from '../../bench/rack/figures.ts';

test('the newest measurement of the usual work counts, and its medians leave out what was repeated', (t) => {
  const results = new Map([
    [
      'rack-8',
      [
        stored('2026-01-01', 'scree', [run(3)]),
        stored('2026-01-02', 'scree', [run(1.1), run(1.3), run(9, { busy: true, replaced: true })]),
        stored('2026-01-03', 'scree', [run(7)], 'npm run bench:rack -- --tree-size 1G --nodes 8'),
        stored('2026-01-01', 'nginx', [{ kind: 'failed', reason: 'it did' }]),
      ],
    ],
    ['rack-8-scenario', [stored('2026-01-04', 'scree', [run(5)])]],
  ]);
  const points = selectRack(results, (figures) => figures.ratio);
  t.deepEqual(points, [
    {
      ...{ series: 'scree', at: 8, median: 1.2000000000000002, date: '2026-01-02' },
      runs: [
        { value: 1.1, isBusy: false },
        { value: 1.3, isBusy: false },
        { value: 9, isBusy: true },
      ],
    },
  ]);
});

test('a part of the boot benchmark is taken from the newest line that has it', (t) => {
  const of = (part: string, value: number) => ({
    ...{ part, server: 'scree', setting: 'range', figures: { exchangesPerSecond: value } },
  });
  const lines = [
    { date: '2026-01-01T00', command: '', runs: [of('dhcp', 1)] },
    { date: '2026-01-02T00', command: '', runs: [of('dhcp', 4), of('dhcp', 2)] },
    { date: '2026-01-03T00', command: '', runs: [of('tftp', 5)] },
  ];
  const points = selectBoot(new Map([['boot', lines]]), 'dhcp', (all) => all.exchangesPerSecond);
  t.deepEqual(
    points.map(({ series, at, median, date }) => [series, at, median, date]),
    [['scree', 'range', 3, '2026-01-02']],
  );
});

test('labels keep their order and their distance, and stay where they are when there is room', (t) => {
  const places = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(places, (wanted) => {
      const got = spread(wanted, 19);
      const byPlace = got.map((at, index) => ({ at, wanted: wanted[index] ?? Number.NaN }));
      const sorted = byPlace.toSorted((a, b) => a.at - b.at);
      return sorted.slice(1).every((each, index) => {
        const before = sorted[index] ?? each;
        return each.at - before.at >= 18.999 && each.wanted >= before.wanted;
      });
    }),
  );
  t.deepEqual(spread([100, 10, 50], 19), [100, 10, 50]);
  t.deepEqual(spread([30, 30], 20), [20, 40]);
});

test('ticks are doublings, or even steps from zero to above all values', (t) => {
  t.deepEqual(ticksOf('log', domainOf('log', [1, 9])), [1, 2, 4, 8]);
  t.deepEqual(ticksOf('linear', domainOf('linear', [3, 39])), [0, 10, 20, 30, 40]);
  t.deepEqual(ticksOf('linear', domainOf('linear', [0.11])), [0, 0.05, 0.1, 0.15000000000000002]);
});

test('text and lines can be told from the ground, light and dark', (t) => {
  for (const which of [0, 1] as const) {
    const { ground, line: _, mark, ...texts } = colours;
    for (const [name, pair] of Object.entries(texts)) {
      t.true(contrast(pair[which], ground[which]) >= 4.5, `${name} on ${ground[which]}`);
    }
    t.true(contrast(mark[which], ground[which]) >= 3);
  }
});

function stored(date: string, system: string, runs: Run[], command = 'npm run bench:rack') {
  const size = { nodes: 8, rateBitsPerSecond: 4e7, treeSizeBytes: 2 ** 26, limitSeconds: 14 };
  const all: Case = { scenario: 'plain', system, ...size, runs };
  return { date: `${date}T00:00:00Z`, command, ...all };
}

function run(ratio: number, { busy = false, replaced = false } = {}): Run {
  const figures: Partial<RunFigures> = { ratio };
  return { kind: 'done', busy, replaced, figures: figures as RunFigures };
}

/** WCAG 2's contrast ratio of two colours, `#rrggbb`. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const parts = [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16) / 255);
  const [red = 0, green = 0, blue = 0] = parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
