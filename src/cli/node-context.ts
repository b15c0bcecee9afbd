import { join } from 'node:path';
import type { Command } from 'commander';
import type { AttributesOfState } from '../frontend/attributes/main.ts';
import type { NodesOfState } from '../frontend/nodes/main.ts';
import type { OperatorsOfState } from '../frontend/operators/main.ts';
import { addConfigOption, type ConfigOption, configFrom } from './config-option.ts';

/** What every command that works on machines takes. */
export type CommonOptions = ConfigOption & { readonly state?: string; readonly json?: boolean };

export function common(command: Command): Command {
  return addStateOption(command).option('--json', 'answer in JSON');
}

export function addStateOption(command: Command): Command {
  return addConfigOption(command).option(
    '--state <folder>',
    "the state folder, instead of the configuration's",
  );
}

export async function openNodes(options: CommonOptions): Promise<NodesOfState> {
  const { createNodes } = await import('../frontend/nodes/main.ts');
  const config = await configFrom(options);
  const { actions, installActions } = config.boot;
  const state = options.state ?? config.state;
  return createNodes({ state, bootActions: [...actions.keys()], installActions });
}

export async function openAttributes(options: CommonOptions): Promise<AttributesOfState> {
  const { createAttributes } = await import('../frontend/attributes/main.ts');
  const config = await configFrom(options);
  return createAttributes({
    state: options.state ?? config.state,
    profileFolders: [await profilesOf(options)],
    httpListen: config.http.listen,
  });
}

/** The folder with profiles of the operator's own: of another state folder, the one in there. */
export async function profilesOf(options: CommonOptions): Promise<string> {
  return options.state === undefined
    ? (await configFrom(options)).profiles
    : join(options.state, 'profiles');
}

export async function openOperators(options: CommonOptions): Promise<OperatorsOfState> {
  const { createOperators } = await import('../frontend/operators/main.ts');
  return createOperators({ state: await stateOf(options) });
}

export async function stateOf(options: CommonOptions): Promise<string> {
  return options.state ?? (await configFrom(options)).state;
}

export function usage(command: Command, message: string): never {
  return command.error(`error: ${message}`);
}

export function print(options: CommonOptions, value: unknown, render: () => string): void {
  process.stdout.write(options.json ? `${JSON.stringify(value, null, 2)}\n` : render());
}

/** One name is answered with that node; anything else, with a list, whatever is in it. */
export function onlyOrAll<Value>(
  words: readonly string[],
  values: readonly Value[],
): Value | readonly Value[] | undefined {
  const [word = 'all'] = words;
  return words.length === 1 && word !== 'all' && !/[[\]=,]/.test(word) ? values[0] : values;
}
