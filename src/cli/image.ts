import { type Command, Option } from 'commander';
import type { BuildOptions } from '../frontend/images/main.ts';
import { createByteProgress } from '../runtime/progress.ts';
import { addConfigOption, type ConfigOption, configFrom } from './config-option.ts';
import { buildRamdisk } from './image-ramdisk.ts';
import { parseFrontend, renderBuilt } from './image-text.ts';
import { stoppable } from './stop-signals.ts';

type BuildFlags = ConfigOption & {
  readonly arch: BuildOptions['architecture'];
  readonly compression: BuildOptions['compression'];
  readonly out?: string;
  readonly frontend?: string;
  readonly node?: string;
  readonly ramdisk?: boolean;
  readonly kernel: string;
  readonly packages?: string;
  readonly json?: boolean;
};

/** `scree image …`: what machines carry into an install. */
export function register(program: Command): void {
  const image = program.command('image').description("The agent's image for installers' ramdisks.");
  addConfigOption(image.command('build'))
    .description(
      "Make the image that goes behind an installer's own ramdisk and brings the agent: with Node, " +
        "its libraries, this frontend's key and address. The boot action 'install' sends it.",
    )
    .addOption(
      new Option('--arch <arch>', 'for which processors')
        .choices(['x64', 'arm64'])
        .default(process.arch === 'arm64' ? 'arm64' : 'x64'),
    )
    .addOption(
      new Option('--compression <how>', 'zstd-quick is made in seconds, xz is the smallest')
        .choices(['zstd', 'zstd-quick', 'xz'])
        .default('zstd'),
    )
    .option(
      '--frontend <url>',
      "the frontend's address (default: the configuration's)",
      parseFrontend,
    )
    .option('--node <file>', "Node's program for those processors (default: Scree's own)")
    .option('--out <folder>', 'write it there, for other boot servers, and send it to nobody')
    .option('--ramdisk', "make a kernel and a whole ramdisk instead, for the boot action 'debut'")
    .option('--kernel <package>', 'its kernel, a package of Debian', 'linux-image-amd64')
    .option('--packages <folder>', 'where its packages are kept (default: in the state folder)')
    .option('--json', 'answer in JSON')
    .action(build);
}

async function build(flags: BuildFlags, command: Command): Promise<void> {
  if (flags.ramdisk) return buildRamdisk(flags, command);
  const { arch, compression, out, frontend, node, ...options } = flags;
  const { createImages } = await import('../frontend/images/main.ts');
  const images = createImages(await configFrom(options));
  const progress = createByteProgress('compressing');
  try {
    const built = await stoppable((signal) =>
      images.build({
        ...{ architecture: arch, compression, onProgress: progress.update, signal },
        ...(out === undefined ? {} : { folder: out }),
        ...(frontend === undefined ? {} : { frontend }),
        ...(node === undefined ? {} : { node }),
      }),
    );
    progress.stop();
    for (const text of built.warnings) process.stderr.write(`scree: warning: ${text}\n`);
    const text = options.json ? `${JSON.stringify(built, null, 2)}\n` : renderBuilt(built);
    process.stdout.write(text);
  } finally {
    progress.stop();
  }
}
