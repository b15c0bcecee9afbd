import { type DirectoryRecord, parseRecord, sectorBytes } from './directory-record.ts';
import { IsoError, malformed } from './errors.ts';

/** A volume descriptor's folder tree (ECMA-119, 8.4; Joliet's is a supplementary one, 8.5). */
export type Volume = {
  readonly blockBytes: number;
  readonly root: DirectoryRecord;
};

/** Resolves with exactly these bytes of the image, or rejects. */
export type ReadImage = (offsetBytes: number, lengthBytes: number) => Promise<Buffer>;

const firstSector = 16;
const maximumDescriptors = 64;
const types = { primary: 1, supplementary: 2, terminator: 255 } as const;
const jolietEscapes = ['%/@', '%/C', '%/E'];

/** True for what may be an ISO 9660 image, from the bytes at 32,768. */
export function isVolumeDescriptor(bytes: Buffer): boolean {
  return bytes.toString('latin1', 1, 6) === 'CD001';
}

/** Reads the volume descriptors. Throws IsoError. */
export async function readVolumes(
  read: ReadImage,
): Promise<{ readonly primary: Volume; readonly joliet: Volume | undefined }> {
  let primary: Volume | undefined;
  let joliet: Volume | undefined;
  for (let at = 0; at < maximumDescriptors; at += 1) {
    const bytes = await read((firstSector + at) * sectorBytes, sectorBytes);
    if (!isVolumeDescriptor(bytes) || bytes[0] === types.terminator) break;
    if (bytes[0] === types.primary) primary ??= volumeOf(bytes);
    if (isJoliet(bytes)) joliet ??= volumeOf(bytes);
  }
  if (primary !== undefined) return { primary, joliet };
  throw new IsoError('not-an-image', 'expected an ISO 9660 image, got no volume descriptor');
}

function isJoliet(bytes: Buffer): boolean {
  const escapeSequence = bytes.toString('latin1', 88, 91);
  return bytes[0] === types.supplementary && jolietEscapes.includes(escapeSequence);
}

function volumeOf(descriptor: Buffer): Volume {
  const blockBytes = descriptor.readUInt16LE(128);
  const root = parseRecord(descriptor.subarray(156, 190));
  if (![512, 1024, 2048].includes(blockBytes)) {
    throw malformed('blocks of 512, 1024 or 2048 bytes', `${blockBytes}`);
  }
  if (root?.isFolder !== true) throw malformed('a root folder', 'none');
  return { blockBytes, root };
}
