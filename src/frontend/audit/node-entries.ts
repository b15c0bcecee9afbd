import { isDeepStrictEqual } from 'node:util';
import type { NodeChange } from '../nodes/node-index.ts';
import type { MachineNode } from '../nodes/types.ts';
import type { AuditEntry } from './types.ts';

type What = Pick<AuditEntry, 'action' | 'targets' | 'detail'>;
type Changed = { readonly before: MachineNode; readonly after: MachineNode };

const settings = [
  ...(['macs', 'uuid', 'address', 'role', 'rack', 'rank'] as const),
  ...(['clientClasses', 'dhcpOptions'] as const),
];

/** What a change of nodes is to the audit log: an entry of each kind, however many nodes it has. */
export function describeNodeChanges(changes: readonly NodeChange[]): readonly What[] {
  const added = changes.flatMap(({ before, after }) => (before ? [] : (after ?? [])));
  const removed = changes.flatMap(({ before, after }) => (after ? [] : (before ?? [])));
  const changed = changes.flatMap(({ before, after }) =>
    before !== undefined && after !== undefined ? [{ before, after }] : [],
  );
  const { set = [], boot = [] } = Object.groupBy(changed, ({ before, after }) =>
    changedSettings(before, after).length > 0 ? 'set' : 'boot',
  );
  const booted = Map.groupBy(boot, ({ after }) => after.bootAction);
  return [
    ...entryOf('node add', added, settingsOf),
    ...entryOf('node remove', removed, settingsOf),
    ...changeOf(set),
    ...[...booted].map(([action, nodes]) => {
      return { action: 'node boot', targets: nodes.map(nameOf), detail: { action } };
    }),
  ];
}

function entryOf(
  action: string,
  nodes: readonly MachineNode[],
  detailOf: (node: MachineNode) => What['detail'],
): readonly What[] {
  const [first] = nodes;
  if (first === undefined) return [];
  // What many nodes have would fill the log.
  return [
    {
      action,
      targets: nodes.map(({ name }) => name),
      detail: nodes.length === 1 ? detailOf(first) : {},
    },
  ];
}

function settingsOf(node: MachineNode): What['detail'] {
  return Object.fromEntries(settings.map((key) => [key, node[key] ?? null]));
}

/** Of one node: what it was, and is; of several, what all of them are now, where that is the same. */
function changeOf(changed: readonly Changed[]): readonly What[] {
  const [first, ...others] = changed;
  if (first === undefined) return [];
  const keys = settings.filter((key) =>
    changed.some(({ before, after }) => changedSettings(before, after).includes(key)),
  );
  const entries = keys.map((key) => {
    const to = first.after[key] ?? null;
    if (others.length === 0) return [key, { from: first.before[key] ?? null, to }];
    const isSame = others.every(({ after }) => isDeepStrictEqual(after[key] ?? null, to));
    return [key, isSame ? { to } : {}];
  });
  const targets = changed.map(nameOf);
  return [{ action: 'node set', targets, detail: Object.fromEntries(entries) }];
}

function changedSettings(before: MachineNode, after: MachineNode): readonly string[] {
  return settings.filter((key) => !isDeepStrictEqual(before[key], after[key]));
}

function nameOf({ after }: Changed): string {
  return after.name;
}
