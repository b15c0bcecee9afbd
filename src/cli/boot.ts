import type { Command } from 'commander';
import type { BootFilesOfState } from '../frontend/boot/main.ts';
import { createStepProgress } from '../runtime/progress.ts';
import { renderImported, renderMissing } from './boot-text.ts';
import { addConfigOption, type ConfigOption, configFrom } from './config-option.ts';
import { stoppable } from './stop-signals.ts';

type ImportFlags = ConfigOption & {
  readonly state?: string;
  readonly json?: boolean;
  readonly name?: string;
};

/** `scree boot …`: the boot files that all machines share. */
export function register(program: Command): void {
  const boot = program.command('boot').description('Boot files: loaders, kernels and ramdisks.');
  addConfigOption(boot.command('import <source>'))
    .usage('[options] debian-netboot|ISO|FOLDER')
    .description(
      "Put loaders and an installer's kernel and ramdisk where machines boot from: those of this " +
        "machine's Debian packages (debian-netboot), of an ISO image or of a folder.",
    )
    .option('--name <name>', "the kernel's folder (default: debian, which 'install' boots)")
    .option('--state <folder>', "the state folder, instead of the configuration's")
    .option('--json', 'answer in JSON')
    .action(importFrom);
}

async function importFrom(source: string, options: ImportFlags): Promise<void> {
  const files = await openBootFiles(options);
  const { name, json } = options;
  const progress = createStepProgress('copying');
  try {
    const what = { source, onCopy: progress.update, ...(name === undefined ? {} : { name }) };
    const report = await stoppable((signal) => files.import({ ...what, signal }));
    progress.stop();
    const text = json ? `${JSON.stringify(report, null, 2)}\n` : renderImported(files, report);
    process.stdout.write(text);
    if (report.missing.length > 0) process.stderr.write(renderMissing(report));
  } finally {
    progress.stop();
  }
}

async function openBootFiles(options: ImportFlags): Promise<BootFilesOfState> {
  const { createBootFiles } = await import('../frontend/boot/main.ts');
  return createBootFiles({ state: options.state ?? (await configFrom(options)).state });
}
