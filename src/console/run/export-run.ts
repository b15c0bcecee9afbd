import type { RunDocument } from '../../frontend/runs/documents.ts';

const columns = [
  ...['name', 'role', 'rack', 'outcome', 'reason', 'started', 'ended', 'seconds'],
  ...['packages', 'bytes_rack', 'bytes_peers', 'bytes_frontend', 'bytes_http'],
];

/** A line for each machine (RFC 4180). */
export function csvOf(run: RunDocument): string {
  const lines = run.nodes.map((node) => {
    const { name, role, rack, outcome, reason, startedAtMs, endedAtMs, packages, bytes } = node;
    return [
      ...[name, role, rack, outcome, reason, isoOf(startedAtMs), isoOf(endedAtMs)],
      endedAtMs === null ? null : Math.round((endedAtMs - startedAtMs) / 1000),
      ...[packages?.done, bytes.rack, bytes.peers, bytes.frontend, bytes.fallback],
    ];
  });
  return [columns, ...lines].map((line) => `${line.map(cellOf).join(',')}\r\n`).join('');
}

function isoOf(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}

/** Spreadsheets take what begins like a formula for one, also when a machine has made it up. */
function cellOf(value: string | number | null | undefined): string {
  const text = String(value ?? '');
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
