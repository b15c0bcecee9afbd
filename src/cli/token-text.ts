import type { OperatorsOfState } from '../frontend/operators/main.ts';
import { renderTable } from '../runtime/table.ts';
import { formatAge } from '../runtime/units.ts';

type Token = ReturnType<OperatorsOfState['list']>[number];

const dash = '–';

export function renderMade(token: Token): string {
  const { name, scope, expiresAtMs } = token;
  const end = expiresAtMs === null ? 'until it is revoked' : `until ${renderTime(expiresAtMs)}`;
  return `token ${name}, scope ${scope}, good ${end}; it is not shown again\n`;
}

export function renderTokens(tokens: readonly Token[]): string {
  if (tokens.length === 0) return "no tokens yet; make one with 'scree token create NAME'\n";
  const rows = tokens.map(({ name, scope, createdAtMs, expiresAtMs, lastUsedAtMs }) => [
    name,
    scope,
    renderTime(createdAtMs),
    expiresAtMs === null ? dash : renderExpiry(expiresAtMs),
    lastUsedAtMs === null ? dash : formatAge(Date.now() - lastUsedAtMs),
  ]);
  return renderTable(['TOKEN', 'SCOPE', 'MADE', 'GOOD UNTIL', 'LAST USED'], rows);
}

export function renderRevoked(tokens: readonly Token[]): string {
  return tokens.map(({ name }) => `revoked ${name}\n`).join('');
}

function renderExpiry(atMs: number): string {
  return atMs <= Date.now() ? `${renderTime(atMs)}, has expired` : renderTime(atMs);
}

/** `2026-12-01 09:30 UTC` */
function renderTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
