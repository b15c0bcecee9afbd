import type { MachineNode } from '../../nodes/types.ts';
import { fillIn } from '../boot-file.ts';
import type { BootFileRule, DhcpSettings } from '../types.ts';
import { type Conjunction, conditionsOf } from './boot-conditions.ts';

/** A rule in the words of other servers; the first whose conditions all hold wins. */
export type BootChoice = {
  readonly conditions: Conjunction;
  readonly nextServer: string;
  /** Empty: none. */
  readonly filename: string;
};

/** A rule, by its place in the table, that other servers cannot follow. */
export type UnsaidRule = { readonly at: number; readonly why: string };

/** The fixed field's; not all of them go on to option 67. */
const longestFilename = 127;

/** The table of boot files, without what no other server can fill in. */
export function listBootChoices(
  settings: DhcpSettings,
  nodes: readonly MachineNode[],
): { readonly choices: readonly BootChoice[]; readonly unsaid: readonly UnsaidRule[] } {
  const choices: BootChoice[] = [];
  const unsaid: UnsaidRule[] = [];
  for (const [at, rule] of settings.bootFiles.entries()) {
    const said = sayRule(rule, settings, nodes);
    if (typeof said === 'string') unsaid.push({ at, why: said });
    else choices.push(...said);
  }
  return { choices, unsaid };
}

/** The class that firmware wants back with its boot file. */
export function echoedClass({ conditions, filename }: BootChoice): string | undefined {
  const isOfClass = (name: string) =>
    conditions.some((each) => each.kind === 'vendor-class' && each.prefix.startsWith(name));
  const known = ['HTTPClient', 'AAPLBSDPC'].find(isOfClass);
  const isHttp = conditions.some(
    (each) => each.kind === 'architectures' && each.values.every((v) => v >= 15 && v <= 19),
  );
  return known ?? (isHttp && filename.includes('://') ? 'HTTPClient' : undefined);
}

/** Its choices, or why there can be none. */
function sayRule(
  rule: BootFileRule,
  settings: DhcpSettings,
  nodes: readonly MachineNode[],
): readonly BootChoice[] | string {
  const node = nodes.find(({ name }) => name === rule.node);
  if (rule.node !== undefined && node === undefined) {
    return `expected a node of this name, found no '${rule.node}'`;
  }
  const filename = fillIn(rule.filename, {
    server: settings.address,
    http: settings.httpUrl,
    ...(node === undefined ? {} : { node: node.name }),
    ...(node?.macs.length === 1 ? { mac: node.macs.join('').replaceAll(':', '-') } : {}),
  });
  const open = /\{(?:mac|node)\}/.exec(filename)?.[0];
  if (open !== undefined) return `the other server cannot fill in ${open}`;
  if (filename.length > longestFilename) {
    return `the other server takes at most ${longestFilename} characters, got ${filename.length}`;
  }
  const nextServer = rule.nextServer ?? settings.address;
  return conditionsOf(rule, node?.macs ?? []).map((conditions) => ({
    conditions,
    nextServer,
    filename,
  }));
}
