import type { Command } from 'commander';
import type { NodesOfState } from '../frontend/nodes/main.ts';
import { ScreeError } from '../runtime/errors.ts';
import { renderLinks } from './boot-text.ts';
import { addConfigOption, type ConfigOption, configFrom } from './config-option.ts';
import {
  addSettings,
  changesOf,
  parsePlace,
  type SettingFlags,
  settingsOf,
} from './node-settings.ts';
import {
  renderBooted,
  renderEvent,
  renderEvents,
  renderNode,
  renderNodes,
  renderRemoved,
  renderSaved,
  renderStrangers,
} from './node-text.ts';

type CommonOptions = ConfigOption & { readonly state?: string; readonly json?: boolean };
type SettingOptions = CommonOptions & SettingFlags;
type Choice = { readonly all?: boolean; readonly role?: string; readonly rack?: number };

class SelectionError extends ScreeError<'nothing-selected'> {}

/** `scree node …`: the machines, while the frontend runs and while it does not. */
export function register(program: Command): void {
  const node = program.command('node').description('Machines: what they are and what they boot.');
  addSettings(common(node.command('add <name>')), { isNew: true })
    .description('Make a machine known. A name such as compute-0-1 says its role, rack and rank.')
    .action(add);
  common(node.command('list')).description('All machines.').action(list);
  common(node.command('show <name>')).description('All that is known of a machine.').action(show);
  addSettings(common(node.command('set <name>')), { isNew: false })
    .description('Change a machine. MAC addresses and classes replace those that it has.')
    .action(set);
  common(node.command('remove <name>'))
    .description('Forget a machine and its events.')
    .action(remove);
  common(node.command('boot <words...>'))
    .usage('[options] NAME… ACTION')
    .description('What machines boot next: install, os, rescue, or an action of the configuration.')
    .option('--all', 'all machines, instead of names')
    .option('--role <role>', 'all machines of a role, instead of names')
    .option('--rack <number>', 'all machines of a rack, instead of names', parsePlace)
    .action(boot);
  common(node.command('links <name>'))
    .description('What the names in the folder of its own boot files lead to.')
    .action(links);
  common(node.command('events [name]'))
    .description(
      'What a machine did since power-on; a MAC address will do for an unknown one. ' +
        'Without a name: which unknown machines were heard of.',
    )
    .option('-f, --follow', 'go on with what happens, until Ctrl-C')
    .action(events);
}

function common(command: Command): Command {
  return addConfigOption(command)
    .option('--state <folder>', "the state folder, instead of the configuration's")
    .option('--json', 'answer in JSON');
}

async function add(name: string, options: SettingOptions): Promise<void> {
  const nodes = await openNodes(options);
  const { macs = [], ...rest } = settingsOf(options);
  const node = await nodes.add({ name, macs, ...rest });
  print(options, nodes.document(node), () => renderSaved('added', node));
}

async function list(options: CommonOptions): Promise<void> {
  const nodes = await openNodes(options);
  const all = await nodes.list();
  print(options, all.map(nodes.document), () => renderNodes(all));
}

async function show(name: string, options: CommonOptions): Promise<void> {
  const nodes = await openNodes(options);
  const node = await nodes.show(name);
  print(options, nodes.document(node), () => renderNode(node));
}

async function set(name: string, options: SettingOptions, command: Command): Promise<void> {
  const patch = changesOf(options, (message) => usage(command, message));
  const isEmpty = Object.values(patch).every((value) => value === undefined);
  if (isEmpty) usage(command, 'expected what to change, such as --ip ADDRESS');
  const nodes = await openNodes(options);
  const node = await nodes.set(name, patch);
  print(options, nodes.document(node), () => renderSaved('changed', node));
}

async function remove(name: string, options: CommonOptions): Promise<void> {
  const nodes = await openNodes(options);
  const node = await nodes.remove(name);
  print(options, nodes.document(node), () => renderRemoved(node));
}

async function boot(
  words: readonly string[],
  options: CommonOptions & Choice,
  command: Command,
): Promise<void> {
  const action = words.at(-1) ?? '';
  const names = words.slice(0, -1);
  const { all = false, role, rack } = options;
  const isBySelection = all || role !== undefined || rack !== undefined;
  if (isBySelection === names.length > 0) {
    usage(command, 'expected names and then an action, or --all, --role or --rack and an action');
  }
  const nodes = await openNodes(options);
  const chosen = isBySelection ? choose(await nodes.list(), { role, rack }) : names;
  const booted = await nodes.boot(chosen, action);
  print(options, booted.map(nodes.document), () => renderBooted(booted, action));
}

async function links(name: string, options: CommonOptions): Promise<void> {
  const { createBootFiles } = await import('../frontend/boot/main.ts');
  const state = await stateOf(options);
  const node = await (await openNodes({ ...options, state })).show(name);
  const files = createBootFiles({ state });
  const found = await files.links(node.name);
  const documents = found.map((link) => ({ ...link, target: link.target ?? null }));
  print(options, documents, () => renderLinks(node.name, files.hostFolder(node.name), found));
}

async function events(
  name: string | undefined,
  options: CommonOptions & { readonly follow?: boolean },
  command: Command,
): Promise<void> {
  if (options.follow && name === undefined) usage(command, 'expected whom to follow');
  const nodes = await openNodes(options);
  if (name === undefined) {
    const strangers = await nodes.strangers();
    return print(options, strangers, () => renderStrangers(strangers));
  }
  if (!options.follow) {
    const story = await nodes.events(name);
    return print(options, story, () => renderEvents(name, story));
  }
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  // Whoever reads it, such as head, has had enough.
  process.stdout.once('error', stop);
  for await (const event of nodes.follow(name, abort.signal)) {
    process.stdout.write(options.json ? `${JSON.stringify(event)}\n` : renderEvent(event));
  }
}

async function openNodes(options: CommonOptions): Promise<NodesOfState> {
  const { createNodes } = await import('../frontend/nodes/main.ts');
  const config = await configFrom(options);
  const bootActions = [...config.boot.actions.keys()];
  return createNodes({ state: options.state ?? config.state, bootActions });
}

async function stateOf(options: CommonOptions): Promise<string> {
  return options.state ?? (await configFrom(options)).state;
}

type Node = Awaited<ReturnType<NodesOfState['show']>>;

function choose(
  nodes: readonly Node[],
  { role, rack }: { readonly role: string | undefined; readonly rack: number | undefined },
): readonly string[] {
  const isChosen = (node: Node) =>
    (role === undefined || node.role === role) && (rack === undefined || node.rack === rack);
  const names = nodes.filter(isChosen).map(({ name }) => name);
  if (names.length > 0) return names;
  const wanted = [role && `role '${role}'`, rack !== undefined && `rack ${rack}`].filter(Boolean);
  const what = wanted.length === 0 ? 'a machine' : `a machine of ${wanted.join(' and ')}`;
  const message = `expected ${what}, found none; see 'scree node list'`;
  throw new SelectionError('nothing-selected', message);
}

function usage(command: Command, message: string): never {
  return command.error(`error: ${message}`);
}

function print(options: CommonOptions, value: unknown, render: () => string): void {
  process.stdout.write(options.json ? `${JSON.stringify(value, null, 2)}\n` : render());
}
