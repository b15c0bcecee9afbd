import type { Command } from 'commander';
import { renderLinks } from './boot-text.ts';
import {
  addStateOption,
  type CommonOptions,
  common,
  onlyOrAll,
  openAttributes,
  openNodes,
  print,
  stateOf,
  usage,
} from './node-context.ts';
import { registerNodeFiles } from './node-files.ts';
import { registerKickstart } from './node-kickstart.ts';
import { registerLog } from './node-log.ts';
import { addSettings, changesOf, type SettingFlags, settingsOf } from './node-settings.ts';
import {
  renderBooted,
  renderChanged,
  renderEvent,
  renderEvents,
  renderNode,
  renderNodes,
  renderRemoved,
  renderSaved,
  renderStrangers,
  renderUndone,
} from './node-text.ts';
import { renderResolved } from './resolved-text.ts';

type SettingOptions = CommonOptions & SettingFlags;

const selectionHelp = `
A selection is one or more words, quoted where the shell would read them; words are a union:
  compute-0-1                 a name
  'compute-[0-3]-[0,2,4-7]'   names with numbers
  rack=2  rack=0-3  rank=0    a place
  role=compute  state=failed  action=install
  all                         every machine
Commas in a word are an intersection: rack=2,state=failed`;

/** `scree node …`: the machines, while the frontend runs and while it does not. */
export function register(program: Command): void {
  const node = program
    .command('node')
    .description('Machines: what they are and what they boot.')
    .addHelpText('after', selectionHelp);
  addSettings(common(node.command('add <name>')), { isNew: true })
    .description('Make a machine known. A name such as compute-0-1 says its role, rack and rank.')
    .action(add);
  selecting(node.command('list [selection...]'))
    .description('All machines, or those that are selected.')
    .action(list);
  selecting(node.command('show <selection...>'))
    .description('All that is known of machines.')
    .option('--resolved', 'every attribute that holds for them, and where it comes from')
    .action(show);
  addStateOption(node.command('xml <selection...>'))
    .addHelpText('after', selectionHelp)
    .description('The same as XML: machines with every attribute that holds for them.')
    .action(xml);
  addSettings(selecting(node.command('set <selection...>')), { isNew: false })
    .description('Change machines. MAC addresses and classes replace those that they have.')
    .action(set);
  selecting(node.command('remove <selection...>'))
    .description('Forget machines, their events and their attributes.')
    .action(remove);
  selecting(node.command('boot <words...>'))
    .usage('[options] SELECTION… ACTION')
    .description('What machines boot next: install, os, rescue, or an action of the configuration.')
    .action(boot);
  selecting(node.command('undo <selection...>'))
    .description('Take back the latest order of machines that have not booted since.')
    .action(undo);
  registerKickstart(node);
  registerLog(node);
  registerNodeFiles(node);
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

function selecting(command: Command): Command {
  return common(command).addHelpText('after', selectionHelp);
}

async function add(name: string, options: SettingOptions): Promise<void> {
  const nodes = await openNodes(options);
  const { macs = [], ...rest } = settingsOf(options);
  const node = await nodes.add({ name, macs, ...rest });
  print(options, nodes.document(node), () => renderSaved(node));
}

async function list(selection: readonly string[], options: CommonOptions): Promise<void> {
  const nodes = await openNodes(options);
  const all = await nodes.list(selection.length === 0 ? undefined : selection);
  print(options, all.map(nodes.document), () => renderNodes(all, selection));
}

async function show(
  selection: readonly string[],
  options: CommonOptions & { readonly resolved?: boolean },
): Promise<void> {
  if (options.resolved) return showResolved(selection, options);
  const nodes = await openNodes(options);
  const chosen = await nodes.showAll(selection);
  const documents = chosen.map(nodes.document);
  print(options, onlyOrAll(selection, documents), () => chosen.map(renderNode).join(''));
}

async function showResolved(selection: readonly string[], options: CommonOptions): Promise<void> {
  const attributes = await openAttributes(options);
  const documents = attributes.resolve(selection).map(attributes.document);
  const render = (document: (typeof documents)[number]) =>
    renderResolved(document, attributes.formatValue);
  print(options, onlyOrAll(selection, documents), () => documents.map(render).join('\n'));
}

async function xml(selection: readonly string[], options: CommonOptions): Promise<void> {
  const attributes = await openAttributes(options);
  const text = attributes.xml(attributes.resolve(selection));
  process.stdout.write(text);
}

async function set(
  selection: readonly string[],
  options: SettingOptions,
  command: Command,
): Promise<void> {
  const patch = changesOf(options, (message) => usage(command, message));
  const isEmpty = Object.values(patch).every((value) => value === undefined);
  if (isEmpty) usage(command, 'expected what to change, such as --ip ADDRESS');
  const nodes = await openNodes(options);
  const changed = await nodes.set(selection, patch);
  const documents = changed.map(nodes.document);
  print(options, onlyOrAll(selection, documents), () => renderChanged(changed));
}

async function remove(selection: readonly string[], options: CommonOptions): Promise<void> {
  const nodes = await openNodes(options);
  const removed = await nodes.remove(selection);
  const documents = removed.map(nodes.document);
  print(options, onlyOrAll(selection, documents), () => renderRemoved(removed));
}

async function boot(
  words: readonly string[],
  options: CommonOptions,
  command: Command,
): Promise<void> {
  const action = words.at(-1) ?? '';
  const selection = words.slice(0, -1);
  if (selection.length === 0) {
    usage(command, 'expected which nodes, and then an action, such as: rack=0 install');
  }
  const nodes = await openNodes(options);
  const booted = await nodes.boot(selection, action);
  print(options, booted.map(nodes.document), () => renderBooted(booted, action));
}

async function undo(selection: readonly string[], options: CommonOptions): Promise<void> {
  const nodes = await openNodes(options);
  const undone = await nodes.undo(selection);
  print(options, undone.map(nodes.document), () => renderUndone(undone));
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
