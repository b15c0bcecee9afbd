import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createNodes } from '../../src/frontend/nodes/main.ts';
import type { Figures } from './figures.ts';
import { machinesUpTo } from './machines.ts';
import { measured } from './measured.ts';
import { configPath, scree, screeServer, statePath } from './server-scree.ts';
import type { Stage } from './stage.ts';

/** Orders an install for every node, by the API and by the command, of a frontend that runs. */
export async function measureRearm(stage: Stage): Promise<Figures> {
  const { machines } = stage.options;
  const program = await screeServer.startDhcp(stage, { kind: 'reserved', machines, probe: true });
  const state = statePath(stage);
  const before = await listFiles(state);
  const names = machinesUpTo(machines).map(({ name }) => name);
  const of = await measured(program, async () => {
    const apiSeconds = await secondsOf(() => createNodes({ state }).boot(names, 'install'));
    const cliSeconds = await secondsOf(() =>
      stage.server.run([scree, 'node', 'boot', 'all', 'os', '-c', configPath(stage)]),
    );
    return { apiSeconds, cliSeconds, cpuSeconds: 0 };
  });
  const changedFileCount = countChanges(before, await listFiles(state));
  await program.stop();
  const { apiSeconds, cliSeconds } = of.result;
  return { apiSeconds, cliSeconds, changedFileCount, load: of.load };
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1000;
}

/** What tells whether a file was written, by path; the database is what may be. */
async function listFiles(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => !/^scree\.db(-\w+)?$/.test(name));
  const told = files.map(async (name): Promise<[string, string]> => {
    const { ino, size, mtimeMs } = await lstat(join(folder, name));
    return [name, [ino, size, mtimeMs].join(' ')];
  });
  return new Map(await Promise.all(told));
}

/** New, gone and written ones. */
export function countChanges(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): number {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).length;
}
