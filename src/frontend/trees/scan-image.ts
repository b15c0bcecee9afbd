import { type FileHandle, open } from 'node:fs/promises';
import { malformed } from '../../protocol/iso9660/errors.ts';
import { type ImageEntry, readImage } from '../../protocol/iso9660/image.ts';
import { messageOf } from '../../runtime/errors.ts';
import { TreeError } from './errors.ts';
import { identityOf } from './identity.ts';
import type { KnownLocation } from './location.ts';
import { createFindings, finishScan, leftOut, type Scan, type ScanFindings } from './scan.ts';

/**
 * Finds all that an ISO 9660 image holds, without mounting it. Throws TreeError `bad-source`,
 * `unreadable` or `changed`.
 */
export async function scanImage(path: string, signal?: AbortSignal): Promise<Scan> {
  const file = await open(path, 'r');
  try {
    const identity = identityOf(await file.stat({ bigint: true }));
    const findings = createFindings();
    const source = { read: createReader(file), sizeBytes: identity.sizeBytes };
    for await (const entry of readImage(source)) {
      signal?.throwIfAborted();
      addEntry(entry, { path, identity }, findings);
    }
    return finishScan(findings);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    const message = `expected to read the image '${path}', got: ${messageOf(cause)}`;
    throw new TreeError('bad-source', message, { cause });
  } finally {
    await file.close();
  }
}

function createReader(file: FileHandle) {
  return async (offsetBytes: number, lengthBytes: number): Promise<Buffer> => {
    const bytes = Buffer.alloc(lengthBytes);
    const { bytesRead } = await file.read(bytes, 0, lengthBytes, offsetBytes);
    if (bytesRead < lengthBytes)
      throw malformed(`${lengthBytes} bytes at ${offsetBytes}`, 'its end');
    return bytes;
  };
}

function addEntry(entry: ImageEntry, image: KnownLocation, findings: ScanFindings): void {
  const { path } = entry;
  if (entry.kind === 'left-out') return void findings.warnings.push(leftOut(path, entry.reason));
  if (findings.nodes.has(path)) {
    return void findings.warnings.push(leftOut(path, 'another has the same name'));
  }
  if (entry.kind === 'link') {
    return void findings.nodes.set(path, { kind: 'link', target: entry.target });
  }
  findings.nodes.set(path, { kind: entry.kind });
  if (entry.kind === 'folder') return;
  const { extents, mtimeMs } = entry;
  const sizeBytes = extents.reduce((sum, extent) => sum + extent.sizeBytes, 0);
  findings.files.push({ path, sizeBytes, mtimeMs, location: { ...image, extents } });
}
