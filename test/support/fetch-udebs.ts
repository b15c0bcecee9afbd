import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './tool.ts';

/**
 * Downloads parts of Debian's installer into a folder, from where this machine's apt has its
 * packages.
 */
export async function fetchUdebs(names: readonly string[], folder: string): Promise<void> {
  const apt = await mkdtemp(join(tmpdir(), 'scree-apt-'));
  const [sources, status] = [join(apt, 'sources'), join(apt, 'status')];
  const settings = [
    ...['APT::Sandbox::User=root', `Dir::Cache=${apt}`, `Dir::State=${apt}`],
    ...[`Dir::State::status=${status}`, `Dir::Etc::sourcelist=${sources}`],
    'Dir::Etc::sourceparts=/dev/null',
  ].flatMap((setting) => ['-o', setting]);
  const run = (...args: string[]) =>
    runTool(['env', '-C', folder, 'apt-get', '-qq', ...settings, ...args], { timeoutMs: 120_000 });
  try {
    await writeFile(sources, await listSources());
    await writeFile(status, '');
    await run('update');
    await run('download', ...names);
  } finally {
    await rm(apt, { recursive: true, force: true });
  }
}

async function listSources(): Promise<string> {
  const format = '$(REPO_URI) $(CODENAME) $(COMPONENT)/debian-installer';
  const which = ['Created-By: Packages', 'Component: main', 'Origin: Debian'];
  const printed = await runTool(['apt-get', 'indextargets', '--format', format, ...which]);
  // Security fixes and the like have none of their own.
  const lines = printed.split('\n').filter((line) => / \w+ main\//.test(line));
  return lines.map((line) => `deb ${line}\n`).join('');
}
