import type { Command } from 'commander';
import type { BuiltRamdisk, RamdiskBuildOptions } from '../frontend/images/ramdisk/main.ts';
import { formatBytes } from '../runtime/units.ts';
import { type ConfigOption, configFrom } from './config-option.ts';
import { stoppable } from './stop-signals.ts';

export type RamdiskFlags = ConfigOption & {
  readonly arch: 'x64' | 'arm64';
  readonly compression: RamdiskBuildOptions['compression'];
  readonly kernel: string;
  readonly packages?: string;
  readonly out?: string;
  readonly frontend?: string;
  readonly node?: string;
  readonly json?: boolean;
};

/** `scree image build --ramdisk`. */
export async function buildRamdisk(flags: RamdiskFlags, command: Command): Promise<void> {
  const { arch, compression, kernel, packages, out, frontend, node, json, ...options } = flags;
  if (arch !== 'x64') command.error(`error: expected --arch x64 with --ramdisk, got ${arch}`);
  const { createRamdisks } = await import('../frontend/images/ramdisk/main.ts');
  const ramdisks = createRamdisks(await configFrom(options));
  const isShown = process.stderr.isTTY && json !== true;
  const onStep = (text: string) => isShown && process.stderr.write(`${text} …\n`);
  const built = await stoppable((signal) =>
    ramdisks.build({
      ...{ compression, kernel, onStep, signal },
      ...(packages === undefined ? {} : { packages }),
      ...(out === undefined ? {} : { folder: out }),
      ...(frontend === undefined ? {} : { frontend }),
      ...(node === undefined ? {} : { node }),
    }),
  );
  for (const text of built.warnings) process.stderr.write(`scree: warning: ${text}\n`);
  process.stdout.write(json ? `${JSON.stringify(built, null, 2)}\n` : renderRamdisk(built));
}

function renderRamdisk(built: BuiltRamdisk): string {
  const { folder, kernelRelease, kernelSizeBytes, sizeBytes, unpackedBytes, sha256 } = built;
  const use = built.isServed
    ? "scree node boot NAME debut installs by it; the node's profile is one of output: script"
    : 'to be booted as kernel and ramdisk; scree.frontend= and scree.token= are its arguments';
  const lines = [
    `${folder}/linux: ${formatBytes(kernelSizeBytes)}, ${kernelRelease}`,
    `${folder}/initrd: ${formatBytes(sizeBytes)} (${built.compression}), ${formatBytes(unpackedBytes)} in memory`,
    `  sha256    ${sha256}`,
    `  packages  ${built.packages.length} of Debian`,
    `  ${use}`,
  ];
  return `${lines.join('\n')}\n`;
}
