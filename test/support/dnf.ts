import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from './hash-file.ts';
import type { RackHost } from './rack.ts';
import { runTool } from './tool.ts';

export type DnfInstall = {
  /** A folder for the new system; dnf makes it. */
  readonly root: string;
  readonly repositoryUrl: string;
  readonly packages: readonly string[];
  readonly timeoutMs: number;
  /** Packages are fetched, and nothing is installed. */
  readonly isDownloadOnly?: boolean;
};

/** `dnf --installroot`, as an installer runs it: nothing of this machine's own configuration. */
export async function installByDnf(host: RackHost, install: DnfInstall): Promise<void> {
  const settings = `${install.root}.settings`;
  await mkdir(settings, { recursive: true });
  await writeFile(join(settings, '.rpmmacros'), '%_dbpath /var/lib/rpm\n');
  await writeFile(join(settings, 'dnf.conf'), renderDnfConfig(install.repositoryUrl));
  const options = [`--installroot=${install.root}`, '--releasever=1', '-y', '--quiet'];
  if (install.isDownloadOnly) options.push('--downloadonly');
  const command = ['dnf', `--config=${join(settings, 'dnf.conf')}`, ...options, 'install'];
  await host.run(['unshare', '--mount', ...command, ...install.packages], {
    env: { HOME: settings },
    timeoutMs: install.timeoutMs,
  });
}

/** What `rpm -Va` has to say about a system: nothing when every file is as its package has it. */
export async function verifyRpms(root: string): Promise<string> {
  const env = ['env', `HOME=${root}.settings`];
  const count = await runTool([...env, 'rpm', '--root', root, '-qa']);
  if (count.trim() === '') return 'no package is installed';
  return runTool([...env, 'rpm', '--root', root, '-Va'], { timeoutMs: 60_000 });
}

/** The SHA-256 that packages state for their files, by path. Not of links and folders. */
export async function listFileDigests(rpms: readonly string[]): Promise<Map<string, string>> {
  const format = '[%{FILEDIGESTS} %{FILENAMES}\\n]';
  const listed = await runTool(['rpm', '-qp', '--nosignature', '--queryformat', format, ...rpms]);
  const lines = [...listed.matchAll(/^([0-9a-f]{64}) (\/.*)$/gm)];
  return new Map(lines.map(([, digest = '', path = '']) => [path, digest]));
}

/** The paths below `root` whose content is not the expected one. */
export async function findDifferences(
  root: string,
  digests: ReadonlyMap<string, string>,
): Promise<string[]> {
  const different: string[] = [];
  for (const [path, digest] of digests) {
    if ((await hashFile(join(root, path))) !== digest) different.push(path);
  }
  return different;
}

export function renderDnfConfig(repositoryUrl: string): string {
  return `[main]
gpgcheck=0
plugins=0
reposdir=/nonexistent
install_weak_deps=0
[rack]
name=rack
baseurl=${repositoryUrl}
metadata_expire=0
`;
}
