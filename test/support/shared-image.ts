import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { TestFn } from 'ava';
import { writeConfig } from './scree-processes.ts';
import { runTool } from './tool.ts';

export type SharedImage = {
  /** The image's file: of a frontend at 10.77.0.1. */
  readonly path: () => string;
  /** Gives a frontend, which has not been started yet, the keys that the image knows. */
  readonly shareKeys: (config: string) => Promise<void>;
};

/** An image that all tests of a file use: to build one takes longer than most of them. */
export function shareImage(test: TestFn): SharedImage {
  const made = { folder: '', path: '', keys: '' };
  test.before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scree-image-'));
    made.folder = folder;
    const config = await writeConfig({ ip: '10.77.0.1' }, folder);
    const build = [resolve('scree'), 'image', 'build', '--compression', 'zstd-quick', '--json'];
    made.path = String(
      JSON.parse(await runTool([...build, '-c', config], { timeoutMs: 120_000 })).path,
    );
    made.keys = join(folder, 'state/keys');
  });
  test.after.always(() => rm(made.folder, { recursive: true, force: true }));
  return {
    path: () => made.path,
    shareKeys: (config) => cp(made.keys, join(dirname(config), 'state/keys'), { recursive: true }),
  };
}
