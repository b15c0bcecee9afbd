import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Trees } from '../frontend/trees/main.ts';
import { createByteProgress } from '../runtime/progress.ts';
import { addConfigOption, type ConfigOption, configFrom } from './config-option.ts';
import { stoppable } from './stop-signals.ts';
import {
  renderAdded,
  renderGenerations,
  renderProblems,
  renderRemoved,
  renderTrees,
  renderVerified,
} from './tree-text.ts';

type CommonOptions = ConfigOption & { readonly state?: string; readonly json?: boolean };
type AddFlags = CommonOptions & {
  readonly keep: 'link' | 'copy' | 'none';
  readonly inInstallOrder?: boolean;
};
type GenerationFlags = CommonOptions & { readonly generation?: number };

const shownLines = 20;

/** `scree tree …`: package trees, while the frontend runs and while it does not. */
export function register(program: Command): void {
  const tree = program.command('tree').description('Package trees: what nodes install from.');
  common(tree.command('add <name> <source>'))
    .description('Make a tree, or its next generation, from a folder or an ISO image.')
    .addOption(
      new Option('--keep <how>', 'how old bytes stay when the source is replaced')
        .choices(['link', 'copy', 'none'])
        .default('link'),
    )
    .option(
      '--in-install-order',
      'lay the files out as machines have installed so far; reads all of them again',
    )
    .action(add);
  common(tree.command('list')).description('All trees.').action(list);
  common(tree.command('show <name>')).description('The generations of a tree.').action(show);
  withGeneration(common(tree.command('verify <name>')), 'the newest')
    .description('Read a generation again and compare it with what was hashed and signed.')
    .action(verify);
  withGeneration(common(tree.command('remove <name>')), 'all')
    .description('Remove a tree, or one generation of it. The source stays as it is.')
    .action(remove);
}

function common(command: Command): Command {
  return addConfigOption(command)
    .option('--state <folder>', "the state folder, instead of the configuration's")
    .option('--json', 'answer in JSON');
}

function withGeneration(command: Command, otherwise: string): Command {
  return command.option(
    '-g, --generation <number>',
    `which generation (default: ${otherwise})`,
    parseGeneration,
  );
}

function parseGeneration(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a generation number such as 3.');
}

async function add(name: string, source: string, options: AddFlags): Promise<void> {
  const trees = await openTrees(options);
  const startMs = performance.now();
  const { keep, inInstallOrder } = options;
  const report = await showingProgress('hashing', (progress) =>
    trees.add({ name, source, keep, inInstallOrder, ...progress }),
  );
  warn(report.warnings);
  warnOfFrontend(report.frontend);
  print(options, report, () => renderAdded(report, performance.now() - startMs));
}

async function list(options: CommonOptions): Promise<void> {
  const trees = await (await openTrees(options)).list();
  print(options, trees, () => renderTrees(trees));
}

async function show(name: string, options: CommonOptions): Promise<void> {
  const generations = await (await openTrees(options)).show(name);
  print(options, { tree: name, generations }, () => renderGenerations(name, generations));
}

async function verify(name: string, options: GenerationFlags): Promise<void> {
  const trees = await openTrees(options);
  const { generation } = options;
  const report = await showingProgress('verifying', (progress) =>
    trees.verify({ name, generation, ...progress }),
  );
  const isGood = report.problems.length === 0;
  if (!isGood) process.exitCode = 1;
  if (!isGood && !options.json) process.stderr.write(renderProblems(report, shownLines));
  else print(options, report, () => renderVerified(report));
}

async function remove(name: string, options: GenerationFlags): Promise<void> {
  const trees = await openTrees(options);
  const report = await trees.remove({ name, generation: options.generation });
  warnOfFrontend(report.frontend);
  print(options, report, () => renderRemoved(report));
}

async function openTrees(options: CommonOptions): Promise<Trees> {
  const { createTrees } = await import('../frontend/trees/main.ts');
  const state = options.state ?? (await configFrom(options)).state;
  return createTrees({ state });
}

type Progress = {
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal;
};

/** With a bar on a terminal. */
async function showingProgress<Result>(
  label: string,
  work: (progress: Progress) => Promise<Result>,
): Promise<Result> {
  const bar = createByteProgress(label);
  try {
    return await stoppable((signal) => work({ onProgress: bar.update, signal }));
  } finally {
    bar.stop();
  }
}

function warn(warnings: readonly string[]): void {
  const rest = warnings.length - shownLines;
  const shown = warnings.slice(0, shownLines);
  if (rest > 0) shown.push(`and ${rest} more; --json lists all`);
  for (const warning of shown) process.stderr.write(`scree: warning: ${warning}\n`);
}

function warnOfFrontend(notice: Awaited<ReturnType<Trees['add']>>['frontend']): void {
  if (notice.kind !== 'failed') return;
  warn([`expected the running frontend to take it in, but ${notice.reason}; restart it`]);
}

function print(options: CommonOptions, value: unknown, render: () => string): void {
  // Whoever read it, such as head, may have had enough.
  process.stdout.on('error', () => {});
  process.stdout.write(options.json ? `${JSON.stringify(value, null, 2)}\n` : render());
}
