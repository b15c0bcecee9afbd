import type { Command } from 'commander';
import { readEntries } from './attr-values.ts';
import { type CommonOptions, common, openAttributes, print, usage } from './node-context.ts';
import { renderAttributes } from './resolved-text.ts';

type ScopeFlags = {
  readonly global?: boolean;
  readonly os?: string;
  readonly role?: string;
  readonly rack?: string;
  readonly node?: readonly string[];
};
type Options = CommonOptions & ScopeFlags;
type Target = NonNullable<Parameters<Awaited<ReturnType<typeof openAttributes>>['list']>[0]>;

/** `scree attr …`: what install scripts are made from, while the frontend runs and while not. */
export function register(program: Command): void {
  const attr = program
    .command('attr')
    .description('Attributes of machines: for all, an operating system, a role, a rack, a node.');
  scoped(attr.command('list')).description('All attributes, or those of a scope.').action(list);
  scoped(attr.command('set <values...>'))
    .usage('[options] NAME=VALUE… | NAME=@FILE… | --secret NAME[=@FILE]…')
    .description(
      'Set attributes. A value is yes, no, a number, a list such as \'["a", "b"]\', or text; ' +
        'what is in double quotes is text always, and @FILE is the text of a file.',
    )
    .option('--secret', 'never shown again; values come from @FILE, or from stdin a line each')
    .action(set);
  scoped(attr.command('unset <names...>')).description('Take attributes away.').action(unset);
}

function scoped(command: Command): Command {
  return common(command)
    .option('--global', 'for all machines')
    .option('--os <name>', 'for those that install an operating system')
    .option('--role <role>', 'for those of a role')
    .option('--rack <number>', 'for those of a rack')
    .option(
      '--node <selection>',
      'for machines themselves: a name, or a selection as of `scree node`; more than once for more',
      (word: string, words: readonly string[] = []) => [...words, word],
    );
}

async function list(options: Options, command: Command): Promise<void> {
  const target = targetOf(options, command);
  const attributes = await openAttributes(options);
  const found = attributes.list(target);
  print(options, found, () => renderAttributes(found, attributes.formatValue));
}

async function set(
  words: readonly string[],
  options: Options & { readonly secret?: boolean },
  command: Command,
): Promise<void> {
  const target = neededTarget(options, command);
  const isSecret = options.secret === true;
  const attributes = await openAttributes(options);
  const entries = await readEntries(words, {
    isSecret,
    parse: attributes.parseValue,
    refuse: (message) => usage(command, message),
  });
  const report = attributes.set(target, { entries, isSecret });
  for (const warning of report.warnings) process.stderr.write(`scree: warning: ${warning}\n`);
  print(options, report, () => `set ${values(report.written)}\n`);
}

async function unset(names: readonly string[], options: Options, command: Command): Promise<void> {
  const target = neededTarget(options, command);
  const attributes = await openAttributes(options);
  const count = attributes.unset(target, names);
  print(options, { removed: count }, () => `took ${values(count)} away\n`);
}

function neededTarget(options: Options, command: Command): Target {
  const target = targetOf(options, command);
  return target ?? usage(command, `expected one of ${scopeFlags}, got none`);
}

const scopeFlags = '--global, --os, --role, --rack, --node';

function targetOf({ global, os, role, rack, node }: Options, command: Command): Target | undefined {
  const targets: readonly Target[] = [
    ...(global ? [{ kind: 'global' } as const] : []),
    ...(os === undefined ? [] : [{ kind: 'os', target: os } as const]),
    ...(role === undefined ? [] : [{ kind: 'role', target: role } as const]),
    ...(rack === undefined ? [] : [{ kind: 'rack', target: rack } as const]),
    ...(node === undefined ? [] : [{ kind: 'node', selection: node } as const]),
  ];
  if (targets.length > 1) usage(command, `expected one of ${scopeFlags}, got ${targets.length}`);
  return targets[0];
}

function values(count: number): string {
  return count === 1 ? '1 value' : `${count} values`;
}
