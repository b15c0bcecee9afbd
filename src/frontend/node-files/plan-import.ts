import { isDeepStrictEqual } from 'node:util';
import { checkDeclared } from '../attributes/check-declared.ts';
import { AttributeError } from '../attributes/errors.ts';
import type { AttributeLayers } from '../attributes/layers.ts';
import type { AttributeChange } from '../attributes/store.ts';
import { readAttributeName, readAttributeValue } from '../attributes/words.ts';
import { NodesError } from '../nodes/errors.ts';
import type { NodeChange, Nodes } from '../nodes/node-index.ts';
import { findClashes, newNode, patched } from '../nodes/plan-changes.ts';
import type { MachineNode } from '../nodes/types.ts';
import type { DeclaredProfile } from '../profiles/types.ts';
import type { FileProblem, NodeEntry } from './types.ts';

export type ImportInput = {
  readonly nodes: Nodes;
  readonly layers: AttributeLayers;
  /** Names of attributes that are secret. */
  readonly secrets: ReadonlySet<string>;
  /** What values of attributes are held against. */
  readonly profiles: readonly DeclaredProfile[];
  /** Nodes that are there already may be in it. */
  readonly isUpdate: boolean;
  readonly nowMs: number;
};

export type ImportPlan = {
  readonly changes: readonly NodeChange[];
  readonly attributeChanges: readonly AttributeChange[];
  /** What is to be done with each entry; none for one that only matters where there is a node. */
  readonly steps: readonly ImportStep[];
  readonly problems: readonly FileProblem[];
  /** What most likely was meant otherwise, in a line each. */
  readonly warnings: readonly string[];
};

export type ImportStep = {
  readonly name: string;
  readonly kind: 'added' | 'changed' | 'same' | 'passed-over';
  /** In words: `rack 0 → 1`, `attribute disk`. */
  readonly changes: readonly string[];
};

/** What the entries of files make of the nodes, with every problem. Does not throw. */
export function planImport(entries: readonly NodeEntry[], input: ImportInput): ImportPlan {
  const seen = new Map<string, NodeEntry>();
  const problems: FileProblem[] = [];
  const plans: EntryPlan[] = [];
  for (const entry of entries) {
    const { place, name } = entry;
    const first = seen.get(name);
    if (first !== undefined) {
      const where = `${first.place.file}:${first.place.line}`;
      const message = `expected each node once, got '${name}' again, first at ${where}`;
      problems.push({ place, message });
      continue;
    }
    seen.set(name, entry);
    try {
      plans.push(planEntry(entry, input));
    } catch (error) {
      if (!(error instanceof NodesError) && !(error instanceof AttributeError)) throw error;
      problems.push({ place, message: error.message });
    }
  }
  const changes = plans.flatMap(({ change }) => change ?? []);
  for (const { name, error } of findClashes(input.nodes, changes)) {
    const place = seen.get(name)?.place;
    if (place !== undefined) problems.push({ place, message: error.message });
  }
  const attributeChanges = plans.flatMap((plan) => plan.attributeChanges);
  const { misfits, warnings } = checkDeclared(attributeChanges, {
    ...{ layers: input.layers, profiles: input.profiles, secrets: input.secrets },
    nodes: nodesAfter(input.nodes, changes),
  });
  for (const { nodes, problem } of misfits) {
    for (const name of nodes) {
      const place = seen.get(name)?.place;
      if (place !== undefined) problems.push({ place, message: problem });
    }
  }
  return { changes, attributeChanges, steps: plans.map(({ step }) => step), problems, warnings };
}

function nodesAfter({ all }: Nodes, changes: readonly NodeChange[]): readonly MachineNode[] {
  const changed = new Map(changes.map(({ before, after }) => [(after ?? before)?.name, after]));
  const others = all().filter(({ name }) => !changed.has(name));
  return [...others, ...[...changed.values()].flatMap((node) => node ?? [])];
}

type EntryPlan = {
  readonly change: NodeChange | undefined;
  readonly attributeChanges: readonly AttributeChange[];
  readonly step: ImportStep;
};

function planEntry(entry: NodeEntry, input: ImportInput): EntryPlan {
  const { name, settings } = entry;
  const before = input.nodes.byName(name);
  if (before !== undefined && !input.isUpdate) {
    const message = `expected a node that is not there yet, got '${name}'`;
    throw new NodesError('taken', `${message}; use --update to change it`);
  }
  if (before === undefined && !entry.isWhole) return passedOver(name);
  const attributeChanges = planAttributes(entry, input);
  const attributeWords = attributeChanges.map((each) => `attribute ${each.name}`);
  if (before === undefined) {
    const after = newNode({ ...settings, name, macs: settings.macs ?? [] }, input.nowMs);
    const step = {
      name,
      kind: 'added',
      changes: [...describeNew(after), ...attributeWords],
    } as const;
    return { change: { before, after }, attributeChanges, step };
  }
  const after = patched(before, settings);
  const words = [...describeChange(before, after), ...attributeWords];
  return {
    change: isDeepStrictEqual(before, after) ? undefined : { before, after },
    attributeChanges,
    step: { name, kind: words.length === 0 ? 'same' : 'changed', changes: words },
  };
}

function passedOver(name: string): EntryPlan {
  const step = { name, kind: 'passed-over', changes: [] } as const;
  return { change: undefined, attributeChanges: [], step };
}

function planAttributes(
  { name: target, attributes }: NodeEntry,
  { layers, secrets }: ImportInput,
): readonly AttributeChange[] {
  const scope = { kind: 'node', target } as const;
  const present = layers.of(scope);
  return [...attributes]
    .map(([name, value]) => ({
      scope,
      name: readAttributeName(name),
      value: readAttributeValue(value),
      isSecret: secrets.has(name),
    }))
    .filter(({ name, value }) => !isDeepStrictEqual(present.get(name)?.value, value));
}

const fields = {
  macs: 'mac',
  address: 'address',
  uuid: 'uuid',
  role: 'role',
  rack: 'rack',
  rank: 'rank',
  clientClasses: 'classes',
  dhcpOptions: 'options',
} as const satisfies Partial<Record<keyof MachineNode, string>>;

function describeNew(node: MachineNode): readonly string[] {
  return [...node.macs, node.address ?? 'without an address of its own'];
}

function describeChange(before: MachineNode, after: MachineNode): readonly string[] {
  const keys = ['macs', 'address', 'uuid', 'role', 'rack', 'rank'] as const;
  const shown = (node: MachineNode, key: (typeof keys)[number]) => String(node[key] ?? 'none');
  const lists = (['clientClasses', 'dhcpOptions'] as const).filter(
    (key) => !isDeepStrictEqual(before[key], after[key]),
  );
  return [
    ...keys
      .filter((key) => shown(before, key) !== shown(after, key))
      .map((key) => `${fields[key]} ${shown(before, key)} → ${shown(after, key)}`),
    ...lists.map((key) => fields[key]),
  ];
}
