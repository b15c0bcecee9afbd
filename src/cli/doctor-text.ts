import type { examine } from '../frontend/doctor/main.ts';
import { renderTable } from '../runtime/table.ts';

type Finding = Awaited<ReturnType<typeof examine>>[number];

/** A table, with what to do below each finding, and how many there are to look at. */
export function renderFindings(findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ check, level, text, advice }) => [
    [level === 'ok' ? 'ok' : level.toUpperCase(), check, text],
    ...(advice === undefined ? [] : [['', '', `→ ${advice}`]]),
  ]);
  return `${renderTable(['', 'CHECK', 'FINDING'], rows)}${renderCount(findings)}`;
}

function renderCount(findings: readonly Finding[]): string {
  const countOf = (wanted: Finding['level']) =>
    findings.filter(({ level }) => level === wanted).length;
  const counts = [
    numberOf(countOf('problem'), 'problem'),
    numberOf(countOf('warning'), 'warning'),
  ].filter((text) => text !== '');
  return `\n${counts.join(', ') || 'all is well'}\n`;
}

function numberOf(count: number, what: string): string {
  if (count === 0) return '';
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
