import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RackHost } from '../../test/support/rack.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import { BenchError } from '../support/bench-error.ts';
import type { Stage, WaitingNode } from './system.ts';

const connections = 4;

/**
 * A pretend installer: curl fetches every file of the tree in the stage's order, over four
 * connections, from below `baseUrl`, once it is released.
 */
export async function createInstaller(
  stage: Stage,
  node: RackHost,
  baseUrl: string,
): Promise<{ readonly node: WaitingNode; readonly process: RackProcess }> {
  const copyFolder = join(stage.folder, `${node.name}-installed`);
  const configPath = join(stage.folder, `${node.name}.curl`);
  await writeFile(configPath, renderCurlConfig(stage.order, { baseUrl, copyFolder }));
  const process = node.start(['curl', '--disable', '--config', configPath], { held: 'by-shell' });
  return {
    process,
    node: {
      name: node.name,
      copyFolder,
      release: async () => process.release(),
      done: waitForEnd(process),
      firstByteSeconds: () => process.stdout.lines().map(parseFirstByteSeconds),
    },
  };
}

/** curl starts transfers in the order of the file. */
function renderCurlConfig(
  order: readonly string[],
  options: { readonly baseUrl: string; readonly copyFolder: string },
): string {
  const transfers = order.flatMap((path) => [
    `url = "${options.baseUrl}/${path.split('/').map(encodeURIComponent).join('/')}"`,
    `output = "${join(options.copyFolder, path)}"`,
  ]);
  return [
    'silent',
    'no-progress-meter',
    'show-error',
    'fail',
    'create-dirs',
    'parallel',
    `parallel-max = ${connections}`,
    'write-out = "%{time_starttransfer} %{http_code} %{size_download} %{url}\\n"',
    ...transfers,
    '',
  ].join('\n');
}

function parseFirstByteSeconds(line: string): number {
  return Number(line.split(' ')[0]);
}

async function waitForEnd(program: RackProcess): Promise<void> {
  const { code, signal } = await program.ended;
  if (code === 0) return;
  const refused = program.stdout.lines().filter((line) => !/^\S+ 200 /.test(line));
  throw new BenchError(
    'client-failed',
    `${program.title} ended by ${signal ?? code}: ${program.stderr.lines().slice(-3).join(' | ')} ` +
      `(${refused.length} answers other than 200, such as '${refused[0] ?? ''}')`,
  );
}
