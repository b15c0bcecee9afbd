import type { BootFilesOfState } from '../frontend/boot/main.ts';
import { renderTable } from '../runtime/table.ts';
import { formatBytes } from '../runtime/units.ts';

type Report = Awaited<ReturnType<BootFilesOfState['import']>>;
type Link = Awaited<ReturnType<BootFilesOfState['links']>>[number];

/** A folder with more files than this is one line: a loader may have hundreds of modules. */
const mostLines = 8;

export function renderImported({ folder }: { readonly folder: string }, report: Report): string {
  const groups = Map.groupBy(report.files, ({ path }) => path.replace(/[^/]*$/, ''));
  const rows = [...groups].flatMap(([name, files]) =>
    name !== '' && files.length > mostLines
      ? [[`${name}… (${files.length} files)`, formatBytes(sizeOf(files))]]
      : files.map(({ path, sizeBytes }) => [path, formatBytes(sizeBytes)]),
  );
  const total = `${report.files.length} files, ${formatBytes(sizeOf(report.files))}`;
  const { kernel, initrd } = report;
  return (
    renderTable(['FILE', 'SIZE'], rows) +
    `${total} in ${folder}; kernel ${kernel}, ramdisk ${initrd}\n`
  );
}

/** One line: which loaders there are none of, and what would bring them. */
export function renderMissing({ missing }: Report): string {
  const paths = missing.map(({ path }) => path).join(', ');
  const packages = [...new Set(missing.map((each) => each.package))].join(' ');
  return (
    `scree: warning: no ${paths}; for machines that need them, ` +
    `apt-get install ${packages} and import again\n`
  );
}

export function renderLinks(name: string, hostFolder: string, links: readonly Link[]): string {
  if (links.length === 0) return `${name} has no boot files of its own in ${hostFolder}\n`;
  const rows = links.map((link) => [link.name, ...describe(link)]);
  return renderTable(['NAME', 'LEADS TO', 'NOTE'], rows);
}

function describe({ target, leadsTo }: Link): readonly [string, string] {
  switch (leadsTo.kind) {
    case 'file': {
      const size = formatBytes(leadsTo.sizeBytes);
      return [leadsTo.path, target === undefined ? `${size}, a file of its own` : size];
    }
    case 'folder':
      return [leadsTo.path === '' ? '.' : leadsTo.path, 'a folder'];
    case 'nothing':
      return [target ?? '–', `not sent: ${leadsTo.reason}`];
  }
}

function sizeOf(files: Report['files']): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
