/** Makes small ISO 9660 images, with Rock Ridge, Joliet or plain names, from a few lines. */
export type ImageNode =
  | { readonly name: string; readonly content: string }
  | { readonly name: string; readonly link: string }
  | { readonly name: string; readonly mode: number }
  | { readonly name: string; readonly children: readonly ImageNode[] };

export type ImageNames = 'rock-ridge' | 'joliet' | 'plain';

const sector = 2048;

export function makeIsoImage(children: readonly ImageNode[], names: ImageNames): Buffer {
  const blocks: Buffer[] = Array.from({ length: 19 }, () => Buffer.alloc(sector));
  const root = writeFolder({ children, blocks, names, isRoot: true });
  blocks[16] = volumeDescriptor(names === 'joliet' ? emptyFolder(blocks) : root, 1);
  if (names === 'joliet') blocks[17] = volumeDescriptor(root, 2);
  blocks[names === 'joliet' ? 18 : 17] = Buffer.concat(
    [Buffer.from([255]), Buffer.from('CD001\x01')],
    sector,
  );
  return Buffer.concat(blocks);
}

type Place = { readonly block: number; readonly sizeBytes: number };

function emptyFolder(blocks: Buffer[]): Place {
  return writeFolder({ children: [], blocks, names: 'plain', isRoot: true });
}

function writeFolder(options: {
  readonly children: readonly ImageNode[];
  readonly blocks: Buffer[];
  readonly names: ImageNames;
  readonly isRoot: boolean;
}): Place {
  const { children, blocks, names, isRoot } = options;
  const block = blocks.length;
  blocks.push(Buffer.alloc(sector));
  const place = { block, sizeBytes: sector };
  const sp = isRoot && names === 'rock-ridge' ? entry('SP', [0xbe, 0xef, 0]) : Buffer.alloc(0);
  const records = [
    record({ ...place, flags: 2, name: Buffer.from([0]), systemUse: sp }),
    record({ ...place, flags: 2, name: Buffer.from([1]), systemUse: Buffer.alloc(0) }),
    ...children.map((child) => writeNode(child, options)),
  ];
  blocks[block] = Buffer.concat(records, sector);
  return place;
}

function writeNode(
  node: ImageNode,
  options: { readonly blocks: Buffer[]; readonly names: ImageNames },
): Buffer {
  const { blocks, names } = options;
  const name = encodeName(node.name, names);
  const systemUse = names === 'rock-ridge' ? rockRidge(node) : Buffer.alloc(0);
  if ('children' in node) {
    const place = writeFolder({ ...options, children: node.children, isRoot: false });
    return record({ ...place, flags: 2, name, systemUse });
  }
  const content = Buffer.from('content' in node ? node.content : '');
  const place = { block: blocks.length, sizeBytes: content.length };
  for (let at = 0; at < content.length; at += sector) {
    blocks.push(Buffer.concat([content.subarray(at, at + sector)], sector));
  }
  return record({ ...place, flags: 0, name, systemUse });
}

function encodeName(name: string, names: ImageNames): Buffer {
  if (names === 'joliet') return Buffer.from(`${name};1`, 'utf16le').swap16();
  return Buffer.from(`${name.toUpperCase().replaceAll(/[^A-Z0-9.]/g, '_')};1`);
}

function rockRidge(node: ImageNode): Buffer {
  const fileType = 'children' in node ? 0o040755 : 0o100644;
  const mode = 'mode' in node ? node.mode : 'link' in node ? 0o120777 : fileType;
  const px = Buffer.alloc(32);
  px.writeUInt32LE(mode, 0);
  const parts = [entry('PX', px), entry('NM', [0, ...Buffer.from(node.name)])];
  if ('link' in node) parts.push(entry('SL', [0, ...node.link.split('/').flatMap(component)]));
  return Buffer.concat(parts);
}

function component(part: string): number[] {
  if (part === '') return [8, 0];
  if (part === '.') return [2, 0];
  if (part === '..') return [4, 0];
  const bytes = Buffer.from(part);
  return [0, bytes.length, ...bytes];
}

function entry(signature: string, data: Uint8Array | readonly number[]): Buffer {
  return Buffer.from([...Buffer.from(signature), data.length + 4, 1, ...data]);
}

function record(options: {
  readonly block: number;
  readonly sizeBytes: number;
  readonly flags: number;
  readonly name: Buffer;
  readonly systemUse: Buffer;
}): Buffer {
  const { block, sizeBytes, flags, name, systemUse } = options;
  const nameEnd = 33 + name.length;
  const start = nameEnd + ((name.length + 1) % 2);
  const length = start + systemUse.length + (systemUse.length % 2);
  const bytes = Buffer.alloc(length);
  bytes[0] = length;
  bytes.writeUInt32LE(block, 2);
  bytes.writeUInt32LE(sizeBytes, 10);
  // 2008-11-01 12:00:00, two hours east of Greenwich
  bytes.set([108, 11, 1, 12, 0, 0, 8], 18);
  bytes[25] = flags;
  bytes[32] = name.length;
  name.copy(bytes, 33);
  systemUse.copy(bytes, start);
  return bytes;
}

function volumeDescriptor(root: Place, type: number): Buffer {
  const bytes = Buffer.alloc(sector);
  bytes[0] = type;
  bytes.write('CD001\x01', 1, 'latin1');
  if (type === 2) bytes.write('%/E', 88, 'latin1');
  bytes.writeUInt16LE(sector, 128);
  const systemUse = Buffer.alloc(0);
  record({ ...root, flags: 2, name: Buffer.from([0]), systemUse }).copy(bytes, 156);
  return bytes;
}
