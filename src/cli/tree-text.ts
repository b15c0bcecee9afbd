import type { Trees } from '../frontend/trees/main.ts';
import { renderTable } from '../runtime/table.ts';
import { formatBytes } from '../runtime/units.ts';

type Answer<Name extends keyof Trees> = Awaited<ReturnType<Trees[Name]>>;
type GenerationSummary = Answer<'show'>[number];
type WholeGeneration = Exclude<GenerationSummary, { readonly broken: string }>;

const dash = '–';

export function renderAdded(report: Answer<'add'>, elapsedMs: number): string {
  const { tree, generation, isNew, infohash, fileCount, totalBytes } = report;
  const size = `${countOf(fileCount, 'file')}, ${formatBytes(totalBytes)}`;
  if (!isNew) return `${tree} is unchanged, generation ${generation}: ${size}\n`;
  const seconds = (elapsedMs / 1000).toFixed(1);
  return (
    `${tree} generation ${generation}: ${size}, infohash ${infohash}\n` +
    `hashed ${formatBytes(report.hashedBytes)}, took over ${formatBytes(report.reusedBytes)}, ` +
    `in ${seconds} s\n`
  );
}

export function renderTrees(trees: Answer<'list'>): string {
  if (trees.length === 0) return "no trees yet; add one with 'scree tree add NAME DIR'\n";
  const head = ['TREE', 'GENERATIONS', 'FILES', 'SIZE', 'ADDED', 'FROM'];
  const rows = trees.map(({ tree, generations, newest }) => [
    tree,
    generations.join(' '),
    ...('broken' in newest
      ? ['broken', dash, dash, dash]
      : [
          newest.fileCount,
          formatBytes(newest.totalBytes),
          renderTime(newest.createdAt),
          newest.source.path,
        ]),
  ]);
  return renderTable(head, rows);
}

export function renderGenerations(tree: string, generations: Answer<'show'>): string {
  const parts = generations.map((generation) => renderGeneration(tree, generation));
  return parts.join('\n');
}

function renderGeneration(tree: string, summary: GenerationSummary): string {
  const title = `${tree} generation ${summary.generation}\n`;
  if ('broken' in summary) return `${title}  broken: ${summary.broken}\n`;
  const { fileCount, linkCount, totalBytes, source } = summary;
  const lines = [
    `files     ${fileCount}, ${formatBytes(totalBytes)}; ${countOf(linkCount, 'link')}`,
    `infohash  ${summary.infohash}, pieces of ${formatBytes(summary.pieceLengthBytes)}`,
    `added     ${renderTime(summary.createdAt)}, from ${source.kind} ${source.path}`,
    `kept      ${renderKept(summary)}`,
  ];
  return title + lines.map((line) => `  ${line}\n`).join('');
}

function renderKept({ keep, fileCount, inPlaceCount, source }: WholeGeneration): string {
  if (keep === 'none' || inPlaceCount === fileCount)
    return `nothing; read in place, in ${source.path}`;
  const kept = { link: 'as hard links', copy: 'as copies' }[keep];
  if (inPlaceCount === 0) return kept;
  return `${kept}, but for ${countOf(inPlaceCount, 'file')} read in place, in ${source.path}`;
}

/** At most so many lines; the rest is counted. */
export function renderProblems(report: Answer<'verify'>, limit: number): string {
  const { tree, generation, problems } = report;
  const lines = problems.map(({ path, reason }) => (path ? `'${path}': ${reason}` : reason));
  const rest = lines.length - limit;
  const shown = lines.slice(0, limit);
  if (rest > 0) shown.push(`and ${rest} more; --json lists all`);
  const title = `${tree} generation ${generation} differs:`;
  return [title, ...shown.map((line) => `  ${line}`)].map((line) => `${line}\n`).join('');
}

export function renderVerified(report: Answer<'verify'>): string {
  const { tree, generation, fileCount, totalBytes } = report;
  const size = `${countOf(fileCount, 'file')}, ${formatBytes(totalBytes)}`;
  return `${tree} generation ${generation} is as it was hashed and signed: ${size}\n`;
}

export function renderRemoved({ tree, generations }: Answer<'remove'>): string {
  return `removed ${tree}, generation ${generations.join(', ')}\n`;
}

function renderTime(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
