import type { OperatorsOfState } from '../frontend/operators/main.ts';
import { renderTable } from '../runtime/table.ts';

type Entry = ReturnType<OperatorsOfState['audit']>[number];

const longestDetail = 72;

export function renderAudit(entries: readonly Entry[], target: string | undefined): string {
  if (entries.length === 0) {
    return target === undefined
      ? 'nothing was changed yet\n'
      : `nothing of ${target} was changed\n`;
  }
  const rows = entries.map((entry) => [
    new Date(entry.atMs).toISOString().slice(0, 19).replace('T', ' '),
    entry.address === null ? entry.who : `${entry.who} at ${entry.address}`,
    entry.action,
    renderTargets(entry.targets),
    renderDetail(entry),
  ]);
  return renderTable(['WHEN (UTC)', 'WHO', 'WHAT', 'OF', 'HOW'], rows);
}

function renderTargets([first = '–', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** `address 10.1.1.1 → 10.1.1.2, rack 3` */
function renderDetail({ action, detail }: Entry): string {
  const render = action === 'node set' ? renderChange : renderValue;
  const parts = Object.entries(detail).flatMap(([key, value]) => {
    const text = render(value);
    return text === '' ? [] : [`${key} ${text}`];
  });
  const line = parts.join(', ');
  return line.length > longestDetail ? `${line.slice(0, longestDetail - 1)}…` : line;
}

/** `{from, to}`; `{to}` where many nodes had different values before, `{}` where they have now. */
function renderChange(value: unknown): string {
  if (Array.isArray(value)) return renderValue(value);
  if (typeof value !== 'object' || value === null || !('to' in value)) return 'changed';
  const to = renderValue(value.to) || 'none';
  return 'from' in value ? `${renderValue(value.from) || 'none'} → ${to}` : to;
}

function renderValue(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(renderValue).join(' ');
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([key, each]) => `${key}=${renderValue(each)}`)
    .join(' ');
}
