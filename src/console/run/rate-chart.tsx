import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { RunSample } from '../../frontend/runs/documents.ts';
import { formatBytes } from '../../runtime/units.ts';
import { formatTime } from '../data/times.ts';
import { ratesOf, sources } from './live-run.ts';

const names = {
  rack: 'own rack',
  peers: 'other racks',
  frontend: 'frontend’s pieces',
  fallback: 'frontend by HTTP',
};
/** Not by colour alone. */
const dashes = { rack: [], peers: [8, 4], frontend: [3, 3], fallback: [12, 4, 3, 4] };
const heightPixels = 240;
const tickBytes = Array.from({ length: 40 }, (_, power) => 2 ** power);
const tickSeconds = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 21_600, 86_400];

/** What all machines together received, by source, over time. */
export function RateChart({ samples }: { readonly samples: readonly RunSample[] }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const own = new uPlot(optionsOf(element), [[], [], [], [], []], element);
    chart.current = own;
    const resize = new ResizeObserver(() => {
      own.setSize({ width: element.clientWidth, height: heightPixels });
    });
    resize.observe(element);
    return () => {
      resize.disconnect();
      own.destroy();
    };
  }, []);
  useEffect(() => {
    const columns = ratesOf(samples);
    chart.current?.setData(columns.map((column) => [...column]) as uPlot.AlignedData);
  }, [samples]);
  return (
    <div ref={place} class="chart" role="img" aria-label="Bytes a second by source, over time">
      {sources.map((source) => (
        <i key={source} class={`unseen from-${source}`} />
      ))}
      <i class="unseen text" />
    </div>
  );
}

function optionsOf(element: HTMLElement): uPlot.Options {
  const rate = (bytes: number | null) =>
    bytes === null ? '–' : `${formatBytes(Math.round(bytes))}/s`;
  const axis = { stroke: () => colourOf(element, 'text', 'color'), grid: { show: false } };
  return {
    ...{ width: element.clientWidth, height: heightPixels },
    cursor: { points: { show: false } },
    scales: { y: { range: (_, _low, high) => [0, Math.max(high ?? 0, 1024)] } },
    axes: [
      { ...axis, incrs: tickSeconds, space: 90, values: (_, times) => times.map(clock) },
      { ...axis, incrs: tickBytes, size: 90, values: (_, values) => values.map(rate) },
    ],
    series: [
      { label: 'time', value: (_: uPlot, at: number | null) => (at === null ? '–' : clock(at)) },
      ...sources.map((source) => ({
        label: names[source],
        stroke: () => colourOf(element, `from-${source}`, 'backgroundColor'),
        ...{ width: 2, dash: dashes[source], points: { show: false } },
        value: (_: uPlot, value: number | null) => rate(value),
      })),
    ],
  };
}

function clock(atSeconds: number): string {
  return formatTime(1000 * atSeconds);
}

/** As the style sheet has it, in the light or in the dark. */
function colourOf(element: HTMLElement, name: string, key: 'color' | 'backgroundColor'): string {
  const sample = element.querySelector(`i.${name}`);
  return sample === null ? 'gray' : getComputedStyle(sample)[key];
}
