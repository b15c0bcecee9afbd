import type { ImportReport } from '../frontend/node-files/main.ts';

const mostLines = 50;

/** What was done, or would be, node by node as long as they are not too many, and in all. */
export function renderImport(
  { steps, skippedCount }: ImportReport,
  { isDryRun }: { readonly isDryRun: boolean },
): string {
  const telling = steps.filter(({ kind }) => kind === 'added' || kind === 'changed');
  const shown = isDryRun ? telling : telling.slice(0, mostLines);
  const lines = shown.map(({ name, kind, changes }) => {
    const verb = kind === 'added' ? 'add' : 'change';
    return `${isDryRun ? `would ${verb}` : kind} ${name}: ${changes.join(', ')}\n`;
  });
  const rest = telling.length - shown.length;
  const more = rest > 0 ? `and ${rest} more\n` : '';
  return `${lines.join('')}${more}${renderSum(steps, skippedCount, isDryRun)}\n`;
}

function renderSum(steps: ImportReport['steps'], skippedCount: number, isDryRun: boolean): string {
  const count = (kind: (typeof steps)[number]['kind']) =>
    steps.filter((each) => each.kind === kind).length;
  const parts = [
    `${count('added')} added`,
    `${count('changed')} changed`,
    `${count('same')} as they were`,
    ...(count('passed-over') > 0 ? [`${count('passed-over')} passed over that are no nodes`] : []),
    ...(skippedCount > 0 ? [`${skippedCount} lines passed over`] : []),
  ];
  return `${isDryRun ? 'nothing was written: ' : ''}${parts.join(', ')}`;
}
