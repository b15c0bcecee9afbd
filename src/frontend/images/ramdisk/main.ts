import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { copyStaged } from '../../boot/staged-copies.ts';
import type { Config } from '../../config.ts';
import { openManifestKeys } from '../../trees/keys.ts';
import { collectAgentFiles } from '../agent-files.ts';
import { readVersion } from '../main.ts';
import type { Compression } from '../types.ts';
import { buildRamdisk } from './build-ramdisk.ts';

export type RamdiskBuildOptions = {
  readonly compression: Compression;
  /** See RamdiskOptions. */
  readonly kernel: string;
  /** Where .deb files are kept; in the state folder when left out. */
  readonly packages?: string;
  /** What the agent is told when the kernel's arguments and DHCP say nothing. */
  readonly frontend?: string;
  /** Node's program; Scree's own unless given. */
  readonly node?: string;
  /** Where it is written instead of `tftpboot/debut`; then no machine is sent it. */
  readonly folder?: string;
  readonly onStep?: (text: string) => void;
  readonly signal?: AbortSignal;
};

export type BuiltRamdisk = {
  /** Of `linux` and `initrd`. */
  readonly folder: string;
  readonly kernelRelease: string;
  readonly kernelSizeBytes: number;
  readonly sizeBytes: number;
  readonly unpackedBytes: number;
  readonly compression: Compression;
  readonly sha256: string;
  readonly packages: readonly string[];
  /** False: it was written elsewhere. */
  readonly isServed: boolean;
  readonly warnings: readonly string[];
};

export type Ramdisks = {
  /**
   * See buildRamdisk. Kernel and ramdisk are replaced together. Throws RamdiskError, ImageError,
   * TreeError, BootFilesError, or the reason of `signal`.
   */
  readonly build: (options: RamdiskBuildOptions) => Promise<BuiltRamdisk>;
};

/** The ramdisk that the boot action `debut` sends, whether the frontend runs or not. */
export function createRamdisks({ state }: Pick<Config, 'state'>): Ramdisks {
  return {
    build: async ({ packages, frontend, node, folder: elsewhere, ...options }) => {
      const { publicKeyPem } = await openManifestKeys(state);
      const agent = await collectAgentFiles({
        ...{ architecture: 'x64', publicKeyPem, version: await readVersion() },
        ...(frontend === undefined ? {} : { frontend }),
        ...(node === undefined ? {} : { node }),
      });
      const kept = packages ?? join(state, 'images/packages');
      const built = await buildRamdisk({ ...options, packages: kept, agent });
      const folder = elsewhere ?? join(state, 'tftpboot/debut');
      await copyStaged(folder, [copyOf('linux', built.kernel), copyOf('initrd', built.image)]);
      return {
        ...{ folder, kernelRelease: built.release, kernelSizeBytes: built.kernel.length },
        ...{ sizeBytes: built.image.length, unpackedBytes: built.unpackedBytes },
        ...{ compression: options.compression, packages: built.packages },
        sha256: createHash('sha256').update(built.image).digest('hex'),
        ...{ isServed: elsewhere === undefined, warnings: agent.warnings },
      };
    },
  };
}

function copyOf(to: string, bytes: Buffer) {
  return {
    to,
    read: async function* () {
      yield bytes;
    },
  };
}
