import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { renderTable } from '../support/markdown-table.ts';
import { writeSection } from '../support/results-file.ts';
import { median } from '../support/statistics.ts';
import { type CodecName, codecs } from './codecs.ts';

/**
 * What moving blocks costs with our wire codec and with the package's: CPU seconds per GiB of a
 * sender and of a receiver over loopback, in turns within one run.
 */

const runs = 3;
const totalBytes = 512 * 1024 * 1024;
const peerScript = fileURLToPath(new URL('./peer.ts', import.meta.url));
const resultsPath = fileURLToPath(new URL('../RESULTS.md', import.meta.url));

type Cost = { readonly send: number; readonly receive: number };

const rows: string[][] = [];
for (const blockBytes of [16 * 1024, 64 * 1024]) {
  const costs = new Map<CodecName, Cost[]>();
  for (let run = 0; run < runs; run += 1) {
    for (const name of Object.keys(codecs) as CodecName[]) {
      costs.set(name, [...(costs.get(name) ?? []), await measure(name, blockBytes)]);
    }
  }
  for (const [name, each] of costs) {
    const send = median(each.map((cost) => cost.send)) ?? 0;
    const receive = median(each.map((cost) => cost.receive)) ?? 0;
    rows.push([name, `${blockBytes / 1024} KiB`, send.toFixed(2), receive.toFixed(2)]);
  }
}

const head = ['codec', 'block', 'sender, CPU-s/GiB', 'receiver, CPU-s/GiB'];
const table = renderTable(head, rows);
console.log(table);
const body = `\`npm run bench:wire\`, medians of ${runs}, ${new Date().toISOString().slice(0, 10)}.

${table}`;
await writeSection(resultsPath, 'The wire codec beside the package', body);

async function measure(name: CodecName, blockBytes: number): Promise<Cost> {
  const idle = await transfer(name, blockBytes, 1);
  const busy = await transfer(name, blockBytes, totalBytes / blockBytes);
  const gibibytes = totalBytes / 2 ** 30;
  return {
    send: (busy.send - idle.send) / gibibytes,
    receive: (busy.receive - idle.receive) / gibibytes,
  };
}

async function transfer(name: CodecName, blockBytes: number, count: number): Promise<Cost> {
  const server = start(['serve', name, String(blockBytes)]);
  const port = await server.line();
  const client = start(['fetch', name, String(blockBytes), String(count), port]);
  const receive = Number(await client.line());
  return { receive, send: Number(await server.line()) };
}

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [peerScript, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 120_000,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    line: async (): Promise<string> => {
      const next = await lines.next();
      if (next.done === true) throw new Error(`expected a line of ${args.join(' ')}, it ended`);
      return next.value;
    },
  };
}
