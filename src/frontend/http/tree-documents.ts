import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { encodeTorrent, type TorrentSources } from '../../protocol/metainfo.ts';
import type { Generation, TreeCatalog } from '../trees/types.ts';
import { createDocument, type Document } from './replies.ts';

const compress = promisify(gzip);

// Clients come in over a handful of addresses of this machine; each makes one variant.
const mostVariants = 16;

/** What is told about trees. The large ones are made once per generation and kept with it. */
export type TreeDocuments = {
  readonly list: () => Document;
  readonly manifest: (generation: Generation, encoding: 'gzip' | 'identity') => Promise<Document>;
  readonly torrent: (generation: Generation, sources: TorrentSources) => Document;
};

export function createTreeDocuments(deps: {
  readonly trees: TreeCatalog;
  /** SPKI PEM of the key that signs manifests. */
  readonly publicKey: string;
}): TreeDocuments {
  const manifests = new WeakMap<Generation, Map<string, Promise<Document>>>();
  const torrents = new WeakMap<Generation, Map<string, Document>>();
  let list: Document | undefined;
  return {
    list: () => {
      const now = renderList(deps.trees.newestOfEach(), deps.publicKey);
      // It is as new as its last change; also when that was a tree's removal.
      if (list?.etag !== now.etag) list = now;
      return list;
    },
    manifest: (generation, encoding) =>
      kept(manifests, generation, encoding, () => renderManifest(generation, encoding)),
    torrent: (generation, sources) =>
      kept(torrents, generation, JSON.stringify(sources), () => renderTorrent(generation, sources)),
  };
}

function kept<Value>(
  cache: WeakMap<Generation, Map<string, Value>>,
  generation: Generation,
  key: string,
  make: () => Value,
): Value {
  const variants = cache.get(generation) ?? new Map<string, Value>();
  cache.set(generation, variants);
  const value = variants.get(key) ?? make();
  if (variants.size >= mostVariants) variants.clear();
  variants.set(key, value);
  return value;
}

function renderList(generations: readonly Generation[], publicKey: string): Document {
  const trees = generations.map(({ tree, generation, manifest, metainfo }) => ({
    name: tree,
    generation,
    infohash: metainfo.infohash,
    totalSize: manifest.totalSize,
    fileCount: manifest.files.length,
  }));
  return createDocument({
    bytes: Buffer.from(`${JSON.stringify({ trees, publicKey })}\n`),
    contentType: 'application/json',
    lastModified: new Date(),
  });
}

async function renderManifest(
  generation: Generation,
  encoding: 'gzip' | 'identity',
): Promise<Document> {
  const text = Buffer.from(generation.manifestText);
  const facts = { contentType: 'application/json', lastModified: createdAt(generation) };
  if (encoding === 'identity') return createDocument({ ...facts, bytes: text });
  return createDocument({ ...facts, bytes: await compress(text), encoding });
}

function renderTorrent(generation: Generation, sources: TorrentSources): Document {
  return createDocument({
    bytes: encodeTorrent(generation.metainfo, sources),
    contentType: 'application/x-bittorrent',
    lastModified: createdAt(generation),
  });
}

function createdAt(generation: Generation): Date {
  const date = new Date(generation.manifest.createdAt);
  return Number.isNaN(date.getTime()) ? new Date(0) : date;
}
