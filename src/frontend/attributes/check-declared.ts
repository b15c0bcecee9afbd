import type { MachineNode } from '../nodes/types.ts';
import { isOneOf, readDeclared, showValue, typeForms } from '../profiles/declared.ts';
import type { DeclaredAttribute, DeclaredProfile } from '../profiles/types.ts';
import { AttributeError } from './errors.ts';
import { type AttributeLayers, layersOf, scopeKey } from './layers.ts';
import { profileOf, scopesOf } from './resolve.ts';
import type { AttributeChange } from './store.ts';
import type { Attribute, AttributeScope, AttributeValue } from './types.ts';
import { unknownNames, unknownTarget } from './unknown-words.ts';
import { formatAttributeValue, profileAttribute } from './words.ts';

export type DeclaredInput = {
  readonly nodes: readonly MachineNode[];
  /** As they are before the change. */
  readonly layers: AttributeLayers;
  /** All that can be used. */
  readonly profiles: readonly DeclaredProfile[];
  readonly secrets: ReadonlySet<string>;
};

/** A value that a profile does not take. */
export type Misfit = {
  /** Those that would be given it. */
  readonly nodes: readonly string[];
  readonly problem: string;
};

export type DeclaredReport = {
  /** Nodes that are there could not be installed with these. */
  readonly misfits: readonly Misfit[];
  /** What may be meant so. */
  readonly warnings: readonly string[];
};

const longestShown = 80;

type Setting = AttributeChange & { readonly value: AttributeValue };

/**
 * Holds changes against what profiles declare. A value that a node would get, and its profile does
 * not take, is a misfit. What a profile of no node would not take, a name that looks mistyped, and a
 * profile that there is not, are warnings.
 */
export function checkDeclared(
  changes: readonly AttributeChange[],
  input: DeclaredInput,
): DeclaredReport {
  const set = changes.flatMap((each) =>
    each.value === undefined ? [] : [{ ...each, value: each.value }],
  );
  if (set.length === 0) return { misfits: [], warnings: [] };
  const after = layersAfter(input.layers, changes);
  const profiles = new Map(input.profiles.map((each) => [each.name, each]));
  const inUse = usesOf(set, { nodes: input.nodes, profiles, after });
  const misfits = [...inUse.values()].flatMap(({ profile, change, nodes }) => {
    const problem = problemOf(change, profile, input.secrets);
    return problem === undefined ? [] : [{ nodes, problem }];
  });
  const warnings = [
    ...set.flatMap(({ scope }) => unknownTarget(input, scope)),
    ...set.flatMap((change) => warningsOf(change, { input, after, inUse })),
    ...set.flatMap(unknownNames(input.profiles)),
  ];
  return { misfits, warnings: [...new Set(warnings)] };
}

/** Throws AttributeError `not-as-declared` for a misfit; returns the warnings. */
export function expectDeclared(
  changes: readonly AttributeChange[],
  input: DeclaredInput,
): readonly string[] {
  const { misfits, warnings } = checkDeclared(changes, input);
  if (misfits.length === 0) return warnings;
  const advice = 'set what fits, or set it where it fits alone: --os, --role, --rack or --node';
  const lines = [...Map.groupBy(misfits, ({ problem }) => problem)].map(([problem, same]) => {
    const nodes = same.flatMap((each) => each.nodes);
    return `${problem}, for ${shownNodes(nodes)}; ${advice}; nothing was set`;
  });
  throw new AttributeError('not-as-declared', lines.join('\n'));
}

function layersAfter(
  layers: AttributeLayers,
  changes: readonly AttributeChange[],
): AttributeLayers {
  const keyOf = ({ scope, name }: Pick<Attribute, 'scope' | 'name'>) =>
    `${scopeKey(scope)} ${name}`;
  const all = new Map(layers.all.map((each) => [keyOf(each), each]));
  for (const { scope, name, value, isSecret = false } of changes) {
    if (value === undefined) all.delete(keyOf({ scope, name }));
    else all.set(keyOf({ scope, name }), { scope, name, value, isSecret });
  }
  return layersOf([...all.values()]);
}

type Use = {
  readonly profile: DeclaredProfile;
  readonly change: Setting;
  readonly nodes: string[];
};
type Uses = ReadonlyMap<string, Use>;

/** Which nodes get a value, by profile, name and scope: nothing nearer says another. */
function usesOf(
  set: readonly Setting[],
  {
    nodes,
    profiles,
    after,
  }: {
    readonly nodes: readonly MachineNode[];
    readonly profiles: ReadonlyMap<string, DeclaredProfile>;
    readonly after: AttributeLayers;
  },
): Uses {
  const byScope = Map.groupBy(set, ({ scope }) => scopeKey(scope));
  const uses = new Map<string, Use>();
  for (const node of nodes) {
    const profile = profiles.get(profileOf(node, after));
    if (profile === undefined) continue;
    const scopes = scopesOf(node, profile.os);
    for (const [at, scope] of scopes.entries()) {
      const nearer = scopes.slice(at + 1);
      for (const change of byScope.get(scopeKey(scope)) ?? []) {
        if (nearer.some((each) => after.of(each).has(change.name))) continue;
        const key = useKey(profile, change);
        const known = uses.get(key) ?? { profile, change, nodes: [] };
        known.nodes.push(node.name);
        uses.set(key, known);
      }
    }
  }
  return uses;
}

function useKey({ name }: DeclaredProfile, change: Setting): string {
  return JSON.stringify([name, change.name, scopeKey(change.scope)]);
}

function problemOf(
  { name, value }: Setting,
  profile: DeclaredProfile,
  secrets: ReadonlySet<string>,
): string | undefined {
  const declared = profile.attributes.get(name);
  if (declared === undefined) return undefined;
  const read = readDeclared(declared.type, value);
  if (read !== undefined && isOneOf(declared, read)) return undefined;
  const isSecret = secrets.has(name);
  const shown = showValue(value);
  const short = shown.length > longestShown ? `${shown.slice(0, longestShown - 1)}…` : shown;
  const got = isSecret ? 'something else' : `${short}${hintFor(declared, value)}`;
  const expected = expectedOf(declared, { isSecret, isOfType: read !== undefined });
  const by = declared.by === profile.name ? '' : `, in ${declared.by}`;
  return `attribute '${name}': expected ${expected} (profile ${profile.name}${by}), got ${got}`;
}

function expectedOf(
  { type, oneOf }: DeclaredAttribute,
  { isSecret, isOfType }: { readonly isSecret: boolean; readonly isOfType: boolean },
): string {
  if (!isOfType) return typeForms[type];
  return isSecret ? 'a value that is allowed' : `one of ${showValue(oneOf)}`;
}

/** `yes` on the command line is no text. */
function hintFor({ type }: DeclaredAttribute, value: AttributeValue): string {
  if (type !== 'text' || typeof value !== 'boolean') return '';
  return ` (the text is written '${formatAttributeValue(value ? 'yes' : 'no')}')`;
}

type Warning = {
  readonly input: DeclaredInput;
  readonly after: AttributeLayers;
  readonly inUse: Uses;
};

/** Of profiles that no node of the scope has now, but may have one day. */
function warningsOf(change: Setting, { input, after, inUse }: Warning): readonly string[] {
  const { profiles, secrets } = input;
  return profiles
    .filter((profile) => mayHold(change.scope, profile, { input, after }))
    .filter((profile) => !inUse.has(useKey(profile, change)))
    .flatMap((profile) => {
      const problem = problemOf(change, profile, secrets);
      return problem === undefined ? [] : [`${problem}; no node is meant now`];
    });
}

function mayHold(
  scope: AttributeScope,
  { name, os }: DeclaredProfile,
  { input: { nodes }, after }: Pick<Warning, 'input' | 'after'>,
): boolean {
  switch (scope.kind) {
    case 'global':
      return true;
    case 'os':
      return scope.target === os;
    case 'role': {
      if (nodes.some(({ role }) => role === scope.target)) return false;
      const own = [scope, { kind: 'global' } as const].map((each) =>
        after.of(each).get(profileAttribute),
      );
      return String(own.find((each) => each !== undefined)?.value ?? scope.target) === name;
    }
    case 'rack':
    case 'node':
      return false;
  }
}

function shownNodes([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
