import { readFile } from 'node:fs/promises';
import type { CpioEntry } from './types.ts';

const installer = 'lib/debian-installer-startup.d';
const dracut = ['lib/dracut/hooks', 'var/lib/dracut/hooks'];

type Hook = { readonly from: string; readonly to: readonly string[]; readonly mode: number };

/** What starts the agent, and tells it how far the install is, in ramdisks of others. */
const hooks: readonly Hook[] = [
  { from: 'debian-installer/S31scree', to: [`${installer}/S31scree`], mode: 0o755 },
  { from: 'debian-installer/partitioned', to: ['opt/scree/partitioned'], mode: 0o755 },
  { from: 'debian-installer/finish-begins', to: ['usr/lib/finish-install.d/01scree'], mode: 0o755 },
  { from: 'debian-installer/finish-ends', to: ['usr/lib/finish-install.d/94scree'], mode: 0o755 },
  { from: 'watch-installer', to: ['opt/scree/watch-installer'], mode: 0o755 },
  { from: 'dracut/online.sh', to: below('initqueue/online/05-scree.sh'), mode: 0o644 },
  {
    from: 'dracut/refused.sh',
    to: ['initqueue/settled', 'pre-mount', 'pre-pivot'].flatMap((name) =>
      below(`${name}/01-scree.sh`),
    ),
    mode: 0o644,
  },
  { from: 'dracut/hand-over.sh', to: below('pre-pivot/50-scree.sh'), mode: 0o644 },
  { from: 'scree-agent.service', to: ['opt/scree/scree-agent.service'], mode: 0o644 },
];

function below(path: string): readonly string[] {
  return dracut.map((folder) => `${folder}/${path}`);
}

/**
 * The hooks of all ramdisks that the overlay may be laid over, without the folders that they are in:
 * where a folder is missing the kernel leaves its hook out, and a folder that is a link in that
 * ramdisk (`lib` is one in dracut's) would be replaced by one that is named here.
 */
export async function collectHooks(): Promise<readonly CpioEntry[]> {
  const files = hooks.map(async ({ from, to, mode }) => {
    const bytes = await readFile(new URL(`files/${from}`, import.meta.url));
    return to.map((path) => ({ kind: 'file', path, mode, bytes }) as const);
  });
  return (await Promise.all(files)).flat();
}
