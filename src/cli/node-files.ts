import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import type { NodeFiles } from '../frontend/node-files/main.ts';
import {
  addStateOption,
  type CommonOptions,
  common,
  print,
  profilesOf,
  stateOf,
  usage,
} from './node-context.ts';
import { renderImport } from './node-files-text.ts';

const formats = ['csv', 'yaml', 'hosts', 'ethers', 'dnsmasq', 'isc'] as const;

type FormatOption = { readonly format?: (typeof formats)[number] };
type ImportFlags = CommonOptions &
  FormatOption & { readonly update?: boolean; readonly dryRun?: boolean };

/** `scree node import` and `export`: lists of machines as files. */
export function registerNodeFiles(node: Command): void {
  common(node.command('import <files...>'))
    .description(
      'Take machines from files: CSV, YAML, dnsmasq.conf, dhcpd.conf, or ethers and hosts; ' +
        '- is stdin. All of them or, when a line is wrong, none.',
    )
    .addOption(formatOption('what the files are (default: what their names say)'))
    .option('--update', 'change machines that are there already; what is not said stays')
    .option('-n, --dry-run', 'only say what would be done')
    .action(importFrom);
  addStateOption(node.command('export [selection...]'))
    .description('Print machines as a file, to be imported again or for other programs.')
    .addOption(formatOption('what to print').default('csv'))
    .action(exportTo);
}

function formatOption(description: string): Option {
  return new Option('--format <format>', description).choices(formats);
}

async function importFrom(
  paths: readonly string[],
  options: ImportFlags,
  command: Command,
): Promise<void> {
  const { format, update: isUpdate = false, dryRun: isDryRun = false } = options;
  if (paths.filter((path) => path === '-').length > 1) usage(command, "expected '-' once");
  if (paths.includes('-') && format === undefined) {
    usage(command, `expected --format (${formats.join(', ')}) for stdin`);
  }
  const { readNodeFile } = await import('../frontend/node-files/main.ts');
  const files = await openNodeFiles(options);
  const sources = await Promise.all(
    paths.map(async (path) => {
      const content = path === '-' ? await text(process.stdin) : await readNodeFile(path);
      return { name: path === '-' ? 'stdin' : path, text: content, format };
    }),
  );
  const report = files.import(sources, { isUpdate, isDryRun });
  for (const warning of report.warnings) process.stderr.write(`scree: warning: ${warning}\n`);
  print(options, { ...report, isDryRun }, () => renderImport(report, { isDryRun }));
}

async function exportTo(
  selection: readonly string[],
  options: CommonOptions & Required<FormatOption>,
): Promise<void> {
  const files = await openNodeFiles(options);
  const wanted = selection.length === 0 ? undefined : selection;
  const { text: content, warnings } = files.export(wanted, options.format);
  for (const warning of warnings) process.stderr.write(`scree: warning: ${warning}\n`);
  process.stdout.write(content);
}

async function openNodeFiles(options: CommonOptions): Promise<NodeFiles> {
  const { createNodeFiles } = await import('../frontend/node-files/main.ts');
  const profileFolders = [await profilesOf(options)];
  return createNodeFiles({ state: await stateOf(options), profileFolders });
}
