import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '../runtime/units.ts';
import { countOf } from './count-of.ts';
import { type DemoPlace, inDemoPlace } from './demo-place.ts';
import { createProgressView } from './demo-progress.ts';
import { startDemoFrontend, startDemoRack } from './demo-rack.ts';
import { runInstallers } from './demo-run.ts';
import { type DemoSummary, renderSummary, summarize } from './demo-summary.ts';
import { DemoError } from './errors.ts';
import { watchInterrupts } from './interrupts.ts';
import { makeTree } from './make-tree.ts';
import { planTree } from './tree-plan.ts';

export type DemoOptions = {
  /** From 1 to 64. */
  readonly nodeCount: number;
  /** What is installed; undefined: a tree that the demo makes. */
  readonly treeFolder: string | undefined;
  /** The frontend's cap; 0: none. */
  readonly uploadBytesPerSecond: number;
  readonly json: boolean;
};

const programBytes = 130 * 1024 * 1024;
const madeTree = { seed: 1, fileCount: 400, totalSizeBytes: 100_000_000 };

/**
 * `scree demo`: a rack on this machine's loopback addresses that installs a tree. Resolves with
 * the exit code; throws DemoError. Whatever happens, nothing is left behind.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const interrupts = watchInterrupts();
  const { signal } = interrupts;
  try {
    if (options.treeFolder !== undefined) await checkFolder(options.treeFolder);
    checkMemory(options.nodeCount, process.availableMemory());
    const summary = await inDemoPlace((place) => play(place, options, signal), signal);
    const text = options.json ? JSON.stringify(summary) : `\n${renderSummary(summary)}`;
    process.stdout.write(`${text}\n`);
    return 0;
  } catch (error) {
    const exitCode = interrupts.exitCode();
    if (exitCode === undefined) throw error;
    process.stderr.write(`scree: ${signal.reason.message}\n`);
    return exitCode;
  } finally {
    interrupts.close();
  }
}

async function play(
  place: DemoPlace,
  options: DemoOptions,
  signal: AbortSignal,
): Promise<DemoSummary> {
  const { nodeCount, uploadBytesPerSecond } = options;
  const tell = (text: string) =>
    (options.json ? process.stderr : process.stdout).write(`${text}\n`);
  const folder = options.treeFolder ?? (await makeOwnTree(place.folder, signal));
  const frontend = await startDemoFrontend(place, { folder, uploadBytesPerSecond });
  const { files, totalSize } = frontend.manifest;
  tell(`console: ${frontend.url}/`);
  tell(`stats page: ${frontend.url}/stats`);
  const size = `${formatBytes(totalSize)} in ${countOf(files.length, 'file')}`;
  tell(`tree: ${size}; starting ${countOf(nodeCount, 'node')} to install it`);
  const startedAtMs = performance.now();
  const rack = await startDemoRack(place, frontend, nodeCount);
  tell(`all ready after ${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`);
  const view = createProgressView(process.stderr, nodeCount);
  try {
    const result = await runInstallers(rack, view.show, signal);
    return summarize(result, { manifest: frontend.manifest, uploadBytesPerSecond });
  } finally {
    view.close();
  }
}

async function makeOwnTree(folder: string, signal: AbortSignal): Promise<string> {
  const treeFolder = join(folder, 'tree');
  await makeTree(treeFolder, { files: planTree(madeTree), seed: madeTree.seed }, signal);
  return treeFolder;
}

async function checkFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  const got = found === undefined ? 'nothing there' : 'something else';
  throw new DemoError('bad-tree', `--tree: expected a folder '${path}', found ${got}`);
}

/** Throws DemoError `no-memory` when the programs would drive the machine into swapping. */
export function checkMemory(nodeCount: number, availableBytes: number): void {
  const neededBytes = (nodeCount + 2) * programBytes;
  if (availableBytes >= neededBytes) return;
  throw new DemoError(
    'no-memory',
    `--nodes: expected ${formatBytes(neededBytes)} of free memory for ${nodeCount} nodes, found ` +
      `${formatBytes(availableBytes)}; try fewer nodes`,
  );
}
