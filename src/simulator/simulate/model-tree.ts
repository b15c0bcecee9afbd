import { gzipSync } from 'node:zlib';
import {
  choosePieceLengthBytes,
  createMetainfo,
  encodeTorrent,
  type Metainfo,
} from '../../protocol/metainfo.ts';
import { createRandom } from '../random.ts';
import { type PlannedFile, planTree } from '../tree-plan.ts';
import type { ModelFile } from './model-installer.ts';
import { type ModelRoles, planRoles } from './model-roles.ts';
import type { SimulateOptions } from './options.ts';

/** A tree without bytes. */
export type ModelTree = {
  readonly metainfo: Metainfo;
  /** What the nodes of each role ask for, in their order; nodes have the roles in turn. */
  readonly orders: readonly (readonly ModelFile[])[];
  /**
   * By what the real tree is larger. All rates are divided by it, so that everything takes the same
   * time with fewer pieces of the same length.
   */
  readonly scale: number;
  /** The torrent and the compressed manifest of the real tree ÷ scale. */
  readonly documentBytes: number;
};

export function planModelTree(options: SimulateOptions): ModelTree {
  const { treeBytes, files: fileCount, seed } = options;
  const pieceBytes = choosePieceLengthBytes(treeBytes);
  const { pieces = Math.ceil(treeBytes / pieceBytes) } = options;
  const modelBytes = Math.min(treeBytes, pieces * pieceBytes);
  const scale = treeBytes / modelBytes;
  const planned = planTree({ seed, fileCount, totalSizeBytes: modelBytes });
  return {
    metainfo: metainfoOf('tree', modelBytes, pieceBytes),
    orders: layOut(planRoles(planned, options)),
    scale,
    documentBytes: Math.ceil(documentBytesOf(options, pieceBytes) / scale),
  };
}

function layOut({ files, orders }: ModelRoles): ModelFile[][] {
  const places = new Map<PlannedFile, ModelFile>();
  let startByte = 0;
  for (const file of files) {
    places.set(file, { startByte, endByte: startByte + file.sizeBytes });
    startByte += file.sizeBytes;
  }
  return orders.map((order) => order.flatMap((file) => places.get(file) ?? []));
}

function metainfoOf(name: string, sizeBytes: number, pieceLengthBytes: number): Metainfo {
  return createMetainfo({
    name,
    pieceLengthBytes,
    pieceHashes: Buffer.alloc(20 * Math.ceil(sizeBytes / pieceLengthBytes)),
    files: [{ path: name, sizeBytes }],
    singleFile: true,
  });
}

/** As large as those of the product: hashes cannot be compressed. */
function documentBytesOf(
  { treeBytes, files: fileCount, seed }: SimulateOptions,
  pieceBytes: number,
): number {
  const planned = planTree({ seed, fileCount, totalSizeBytes: treeBytes });
  const torrent = createMetainfo({
    name: 'tree',
    pieceLengthBytes: pieceBytes,
    pieceHashes: Buffer.alloc(20 * Math.ceil(treeBytes / pieceBytes)),
    files: planned,
    singleFile: false,
  });
  const random = createRandom(seed);
  const manifest = planned.map(({ path, sizeBytes }, at) => ({
    path,
    size: sizeBytes,
    mtimeMs: 1_700_000_000_000 + at,
    sha256: Array.from({ length: 16 }, () =>
      Math.floor(random() * 0x1_0000)
        .toString(16)
        .padStart(4, '0'),
    ).join(''),
  }));
  const torrentBytes = encodeTorrent(torrent, { trackers: [], webSeeds: [] }).length;
  return torrentBytes + gzipSync(JSON.stringify(manifest)).length;
}
