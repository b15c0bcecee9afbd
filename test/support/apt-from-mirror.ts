import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DebianMirror } from './debian-mirror.ts';
import type { DebianSystem } from './debian-system.ts';

/**
 * Downloads every package of a mirror by apt, with nothing of this machine's own configuration, into
 * the folder where a system at `root` would keep them.
 */
export async function downloadFromMirror(
  { host, root }: DebianSystem,
  options: { readonly mirror: DebianMirror; readonly url: string; readonly timeoutMs: number },
): Promise<void> {
  const { mirror, url, timeoutMs } = options;
  for (const folder of ['var/cache/apt/archives/partial', 'var/lib/apt/lists/partial']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  const path = (name: string) => join(root, name);
  await writeFile(path('status'), '');
  await writeFile(
    path('sources.list'),
    `deb [signed-by=${mirror.keyring}] ${url} ${mirror.suite} main\n`,
  );
  await writeFile(path('apt.conf'), renderAptConfig(root));
  const everything = '?origin(Debian)';
  const install = `apt-get -q -y --no-install-recommends install --download-only '${everything}'`;
  const env = { APT_CONFIG: path('apt.conf'), LC_ALL: 'C' };
  await host.run(['sh', '-ec', `apt-get -q update\n${install}`], { env, timeoutMs });
}

function renderAptConfig(root: string): string {
  const nowhere = '/nonexistent';
  const settings = {
    'Dir::Etc::main': nowhere,
    'Dir::Etc::parts': nowhere,
    'Dir::Etc::preferencesparts': nowhere,
    'Dir::Etc::sourceparts': nowhere,
    'Dir::Etc::sourcelist': join(root, 'sources.list'),
    'Dir::State': join(root, 'var/lib/apt'),
    'Dir::State::status': join(root, 'status'),
    'Dir::Cache': join(root, 'var/cache/apt'),
    'APT::Sandbox::User': 'root',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} "${value}";\n`)
    .join('');
}
