import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { silentLog } from '../../src/runtime/log.ts';
import { createTracker } from '../../src/tracker/main.ts';
import { createHeldTimes } from './held-times.ts';

// The tracker alone, for the infohashes of a file: what its event loop does is told, as a line of
// JSON, for each line that comes in by standard input.

const [file = '', port = '0'] = process.argv.slice(2);
const infohashes = new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean));
const entries = [...infohashes].map((infohash, index) => ({
  infohash,
  name: `tree-${index}`,
  generation: 1,
  totalSizeBytes: 2_000_000,
}));
const names = new Map(entries.map((entry) => [entry.infohash, entry.name]));

const tracker = createTracker(
  {
    log: silentLog,
    catalog: {
      has: (infohash) => infohashes.has(infohash),
      nameOf: (infohash) => names.get(infohash),
      list: () => entries,
    },
  },
  { listen: { host: '127.0.0.1', port: Number(port) }, networks: ['127.0.0.0/8'] },
);
await tracker.start();

const resolutionMs = 1;
const delay = monitorEventLoopDelay({ resolution: resolutionMs });
delay.enable();
const held = createHeldTimes();
process.stdin.on('data', (line) => {
  if (line.toString().startsWith('collect')) globalThis.gc?.();
  const toMs = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolutionMs);
  const figures = {
    mostMs: toMs(delay.max),
    p999Ms: toMs(delay.percentile(99.9)),
    heldMostMs: held.takeMostMs(),
    utilization: performance.eventLoopUtilization().utilization,
    memory: process.memoryUsage(),
  };
  delay.reset();
  process.stdout.write(`${JSON.stringify(figures)}\n`);
});
process.stdin.on('end', () => process.exit());
process.stdout.write(`ready ${tracker.port()}\n`);
