import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './tool.ts';

/**
 * What a system that has nothing yet would install to have these packages, from this machine's own
 * apt sources: a line with name, size and hash for each .deb file, sorted.
 */
export async function listDebs(packages: readonly string[]): Promise<readonly string[]> {
  const printed = await aptInstall(packages, { folder: tmpdir(), option: '--print-uris' });
  return printed
    .split('\n')
    .filter((line) => line.startsWith("'"))
    .map((line) => line.replace(/^'[^']*' /, ''))
    .sort();
}

/** Downloads the same packages into a folder. Returns the absolute paths of the .deb files. */
export async function downloadDebs(packages: readonly string[], folder: string): Promise<string[]> {
  await mkdir(join(folder, 'partial'), { recursive: true });
  await aptInstall(packages, { folder, option: '--download-only' });
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith('.deb')).map((name) => join(folder, name));
}

type Aim = { readonly folder: string; readonly option: string };

async function aptInstall(packages: readonly string[], aim: Aim): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'scree-apt-'));
  try {
    const emptyStatus = join(scratch, 'status');
    await writeFile(emptyStatus, '');
    const settings = [
      'APT::Sandbox::User=root',
      'Debug::NoLocking=1',
      `Dir::State::status=${emptyStatus}`,
      `Dir::Cache::archives=${aim.folder}`,
    ].flatMap((setting) => ['-o', setting]);
    const argv = ['apt-get', '-qq', '-y', '--no-install-recommends', ...settings, aim.option];
    const run = () => runTool([...argv, 'install', ...packages], { timeoutMs: 300_000 });
    // Package lists that are missing or too old are the usual reason for a failure.
    return await run().catch(() => refreshLists().then(run));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function refreshLists(): Promise<void> {
  await runTool(['apt-get', '-qq', 'update'], { timeoutMs: 120_000 });
}
