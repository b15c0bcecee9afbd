import { collectAgentFiles } from './agent-files.ts';
import { type CompressOptions, compressImage } from './compress.ts';
import { writeCpio } from './cpio.ts';
import { collectHooks } from './hooks.ts';
import type { AgentFilesOptions, Compression } from './types.ts';

export type OverlayOptions = AgentFilesOptions &
  CompressOptions & { readonly compression: Compression };

export type Overlay = {
  readonly image: Buffer;
  /** What it takes in memory, roughly. */
  readonly unpackedBytes: number;
  readonly warnings: readonly string[];
};

/**
 * What boot loaders append to an installer's ramdisk so that the agent runs in it. The same sources,
 * libraries and options give the same bytes. Throws ImageError, or the reason of `signal`.
 */
export async function buildOverlay(options: OverlayOptions): Promise<Overlay> {
  const { entries, warnings } = await collectAgentFiles(options);
  const cpio = writeCpio([...entries, ...(await collectHooks())]);
  options.signal?.throwIfAborted();
  const image = await compressImage(cpio, options.compression, options);
  return { image, unpackedBytes: cpio.length, warnings };
}
