import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keyIdOf } from '../../protocol/manifest.ts';
import type { Config } from '../config.ts';
import { shownFrontend } from '../shown-frontend.ts';
import { openManifestKeys } from '../trees/keys.ts';
import { buildOverlay, type OverlayOptions } from './build-overlay.ts';
import { type ImageFacts, servedPath, serveImage, storeImage } from './image-store.ts';

export type BuildOptions = Omit<OverlayOptions, 'publicKeyPem' | 'version'> & {
  /** Where it is written instead of the state folder; then no machine is sent it. */
  readonly folder?: string;
};

export type BuiltImage = ImageFacts & {
  readonly path: string;
  /** For boot actions, below `tftpboot`; null: it is not served. */
  readonly servedAs: string | null;
  readonly warnings: readonly string[];
};

export type Images = {
  /**
   * See buildOverlay. Without a frontend's address the configuration's is put in. The frontend's key
   * is made when there is none yet. Throws ImageError, TreeError.
   */
  readonly build: (options: BuildOptions) => Promise<BuiltImage>;
};

/** The images of a frontend, whether it runs or not. */
export function createImages({ state, http }: Pick<Config, 'state' | 'http'>): Images {
  return {
    build: async ({ folder, ...options }) => {
      const { publicKey, publicKeyPem } = await openManifestKeys(state);
      const frontend = options.frontend ?? usualFrontend(http);
      const version = await readVersion();
      const overlay = await buildOverlay({
        ...{ ...options, publicKeyPem, version },
        ...(frontend === undefined ? {} : { frontend }),
      });
      const facts = {
        ...{ version, architecture: options.architecture, frontend: frontend ?? null },
        ...{ keyId: keyIdOf(publicKey), compression: options.compression },
        sizeBytes: overlay.image.length,
        unpackedBytes: overlay.unpackedBytes,
        sha256: createHash('sha256').update(overlay.image).digest('hex'),
      };
      const path = await storeImage(folder ?? join(state, 'images'), overlay.image, facts);
      const servedAs = folder === undefined ? servedPath(options.architecture) : null;
      if (servedAs !== null) await serveImage(path, join(state, 'tftpboot', servedAs));
      return { ...facts, path, servedAs, warnings: overlay.warnings };
    },
  };
}

/** None where no other machine could reach it. */
function usualFrontend({ listen }: Config['http']): string | undefined {
  const address = shownFrontend(listen);
  return /^(?:127\.|\[?::1\b|localhost\b)/.test(address) ? undefined : `http://${address}`;
}

/** Of this Scree, as its package says it. */
export async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
  return String(JSON.parse(text).version);
}
