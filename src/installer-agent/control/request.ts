import { isAbsolute } from 'node:path';
import { type InstallPhase, installPhases } from '../../protocol/install-progress.ts';
import { messageOf } from '../../runtime/errors.ts';
import { parseSizeBytes } from '../../runtime/units.ts';

/** What the installer, or a hook in it, tells its agent. */
export type ControlRequest =
  | { readonly kind: 'phase'; readonly name: InstallPhase; readonly detail: string | undefined }
  | { readonly kind: 'packages'; readonly done: number; readonly total: number | undefined }
  | { readonly kind: 'store'; readonly folder: string; readonly sizeBytes: number | undefined }
  | EndRequest
  | { readonly kind: 'unknown' }
  | { readonly kind: 'bad'; readonly reason: string };

export type EndRequest = {
  readonly kind: 'end';
  readonly outcome: 'success' | 'failure';
  readonly reason: string | undefined;
  /** A file on this machine with the installer's log. */
  readonly logPath: string | undefined;
};

const mostCounted = 1_000_000;
const longest = { detail: 200, reason: 300, path: 1_024 } as const;

/** Reads a request target below `/agent/`. Nothing throws: what is wrong with it is an answer. */
export function readControlRequest(target: string): ControlRequest {
  const [path = '', ...rest] = target.split('?');
  const query = new URLSearchParams(rest.join('?'));
  switch (path) {
    case '/agent/phase':
      return readPhase(query);
    case '/agent/packages':
      return readPackages(query);
    case '/agent/store':
      return readStore(query);
    case '/agent/end':
      return readEnd(query);
    default:
      return { kind: 'unknown' };
  }
}

function readPhase(query: URLSearchParams): ControlRequest {
  const given = query.get('name');
  const name = installPhases.find((each) => each === given);
  if (name !== undefined) return { kind: 'phase', name, detail: textOf(query, 'detail') };
  return bad(`name= to be one of ${installPhases.join(', ')}`, given);
}

function readPackages(query: URLSearchParams): ControlRequest {
  const done = countOf(query.get('done'));
  if (done === undefined)
    return bad(`done= to be a number up to ${mostCounted}`, query.get('done'));
  const given = query.get('total');
  if (given === null || given === '') return { kind: 'packages', done, total: undefined };
  const total = countOf(given);
  if (total === undefined) return bad(`total= to be a number up to ${mostCounted}`, given);
  // Who counts badly is not to lose the count.
  return { kind: 'packages', done, total: Math.max(done, total) };
}

function readStore(query: URLSearchParams): ControlRequest {
  const folder = query.get('folder');
  if (!isPath(folder)) return bad('folder= to be an absolute path', folder);
  const size = query.get('size');
  if (size === null || size === '') return { kind: 'store', folder, sizeBytes: undefined };
  try {
    return { kind: 'store', folder, sizeBytes: parseSizeBytes(size) };
  } catch (error) {
    return { kind: 'bad', reason: `size=: ${messageOf(error)}` };
  }
}

function readEnd(query: URLSearchParams): ControlRequest {
  const outcome = query.get('outcome');
  if (outcome !== 'success' && outcome !== 'failure') {
    return bad('outcome= to be success or failure', outcome);
  }
  const logPath = query.get('log');
  if (logPath !== null && logPath !== '' && !isPath(logPath)) {
    return bad('log= to be an absolute path', logPath);
  }
  const reason = textOf(query, 'reason');
  return {
    kind: 'end',
    outcome,
    reason,
    logPath: logPath === '' ? undefined : (logPath ?? undefined),
  };
}

/** For a terminal and a database: in one line, and short. Undefined where nothing is left. */
function textOf(query: URLSearchParams, name: 'detail' | 'reason'): string | undefined {
  const text = (query.get(name) ?? '').toWellFormed();
  const shown = text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
  return shown === '' ? undefined : shown.slice(0, longest[name]).toWellFormed();
}

function countOf(text: string | null): number | undefined {
  if (text === null || !/^\d{1,7}$/.test(text)) return undefined;
  return Number(text) <= mostCounted ? Number(text) : undefined;
}

function isPath(text: string | null): text is string {
  if (text === null || text.length > longest.path) return false;
  return isAbsolute(text) && !text.includes('\0');
}

function bad(expected: string, got: string | null): ControlRequest {
  const shown = got === null ? 'nothing' : `'${got.slice(0, 64)}'`;
  return { kind: 'bad', reason: `expected ${expected}, got ${shown}` };
}
