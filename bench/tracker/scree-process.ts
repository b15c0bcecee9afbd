import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { silentLog } from '../../src/runtime/log.ts';
import { createTracker } from '../../src/tracker/main.ts';
import { watchHeldTimes } from './held-times.ts';

// The tracker alone, for the infohashes of a file. By standard input it is told to collect its
// garbage, to watch its event loop, and to stop that and tell; it answers each with a line of JSON.

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

/** Looking a thousand times a second costs something: only while that is asked for. */
function watchLoop(): () => object {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  const held = watchHeldTimes();
  const toMs = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolutionMs);
  return () => {
    delay.disable();
    return {
      mostMs: toMs(delay.max),
      p999Ms: toMs(delay.percentile(99.9)),
      heldMostMs: held.stop(),
    };
  };
}

let stopWatching = () => ({});
const orders: Readonly<Record<string, () => object>> = {
  collect: () => {
    globalThis.gc?.();
    return {};
  },
  watch: () => {
    stopWatching = watchLoop();
    return {};
  },
  tell: () => stopWatching(),
};
createInterface({ input: process.stdin })
  .on('line', (order) => process.stdout.write(`${JSON.stringify(orders[order]?.() ?? {})}\n`))
  .on('close', () => process.exit());
process.stdout.write(`ready ${tracker.port()}\n`);
