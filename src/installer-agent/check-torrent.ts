import type { Manifest } from '../protocol/manifest.ts';
import type { Metainfo } from '../protocol/metainfo.ts';

/**
 * Why a torrent is not the one that a manifest speaks of; undefined when it is. The infohash binds
 * every piece to the manifest; the files must lie in the stream as the manifest says.
 */
export function findTorrentMismatch(manifest: Manifest, metainfo: Metainfo): string | undefined {
  if (metainfo.infohash !== manifest.infohash) {
    return `expected a torrent with infohash ${manifest.infohash}, got ${metainfo.infohash}`;
  }
  if (metainfo.files.length !== manifest.files.length) {
    return `expected a torrent of ${manifest.files.length} files, got ${metainfo.files.length}`;
  }
  for (const [at, file] of manifest.files.entries()) {
    const other = metainfo.files[at];
    if (other?.path !== file.path || other.sizeBytes !== file.size) {
      return (
        `expected '${file.path}' (${file.size} bytes) as file ${at} of the torrent, ` +
        `got '${other?.path}' (${other?.sizeBytes} bytes)`
      );
    }
  }
  return undefined;
}
