import { isUtf8 } from 'node:buffer';
import { type BigIntStats, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { TreeError } from './errors.ts';
import { identityOf, mtimeMsOf } from './identity.ts';
import { createFindings, finishScan, leftOut, type Scan, type ScanFindings } from './scan.ts';

/**
 * Finds all that a folder holds. Links that lead out, special files and names that are not UTF-8
 * are left out with a warning. Throws TreeError `unreadable`.
 */
export async function scanFolder(folder: string, signal?: AbortSignal): Promise<Scan> {
  const root = realpathSync(folder);
  const findings = createFindings();
  const pending = [''];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    scanOne(root, path, { findings, pending });
    await nextTurn(undefined, signal === undefined ? {} : { signal });
  }
  return finishScan(findings, [root, resolve(folder)]);
}

type Context = { readonly findings: ScanFindings; readonly pending: string[] };

function scanOne(root: string, folder: string, context: Context): void {
  const absolute = folder === '' ? root : `${root}/${folder}`;
  for (const name of reading(absolute, () => readdirSync(absolute, { encoding: 'buffer' }))) {
    const shown = folder === '' ? name.toString() : `${folder}/${name}`;
    if (isUtf8(name)) scanEntry(root, shown, context);
    else context.findings.warnings.push(leftOut(escapeBytes(folder, name), 'no UTF-8 name'));
  }
}

function scanEntry(root: string, path: string, { findings, pending }: Context): void {
  const absolute = `${root}/${path}`;
  const stat = reading(absolute, () => statIfThere(absolute));
  if (stat === undefined) return;
  if (stat.isDirectory()) {
    findings.nodes.set(path, { kind: 'folder' });
    pending.push(path);
  } else if (stat.isSymbolicLink()) {
    const target = reading(absolute, () => readlinkSync(absolute, { encoding: 'buffer' }));
    if (isUtf8(target)) findings.nodes.set(path, { kind: 'link', target: target.toString() });
    else findings.warnings.push(leftOut(path, 'symbolic link to a name that is not UTF-8'));
  } else if (stat.isFile()) {
    findings.nodes.set(path, { kind: 'file' });
    const identity = identityOf(stat);
    findings.files.push({
      path,
      sizeBytes: identity.sizeBytes,
      mtimeMs: mtimeMsOf(identity),
      location: { path: absolute, identity },
    });
  } else findings.warnings.push(leftOut(path, `a ${kindOf(stat)}`));
}

/** Undefined for what went away between the listing and now. */
function statIfThere(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

function kindOf(stat: BigIntStats): string {
  if (stat.isSocket()) return 'socket';
  return stat.isFIFO() ? 'named pipe' : 'device';
}

function reading<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    const advice = hasErrorCode(cause, 'EACCES') ? 'run as a user who may read it' : 'try again';
    const message = `expected to read '${path}', got ${messageOf(cause)}; ${advice}`;
    throw new TreeError('unreadable', message, { cause });
  }
}

/** As `ls -b` would, so that the name can be found: `caf\xe9`. */
function escapeBytes(folder: string, name: Buffer): string {
  const text = name
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return folder === '' ? text : `${folder}/${text}`;
}
