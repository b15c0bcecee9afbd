import { nearestWord } from '../nearest-word.ts';
import { type Selectable, selectSome } from '../nodes/selection.ts';
import { AttributeError } from './errors.ts';
import { type AttributeLayers, targetOf } from './layers.ts';
import type { AttributeChange } from './store.ts';
import type { AttributeScope, AttributeValue } from './types.ts';
import { profileAttribute, readAttributeName, readAttributeValue, readScope } from './words.ts';

/** For whom attributes are set: a scope, or all nodes of a selection. */
export type AttributeTarget =
  | { readonly kind: 'global' }
  | { readonly kind: 'os' | 'role' | 'rack'; readonly target: string }
  | { readonly kind: 'node'; readonly selection: readonly string[] };

export type SetOrder = {
  readonly entries: readonly {
    readonly name: string;
    readonly value: AttributeValue;
    /** It stood on the command line, where others on the machine can see it. */
    readonly isSeen: boolean;
  }[];
  readonly isSecret: boolean;
};

export type ChangeInput = {
  readonly nodes: Selectable;
  readonly layers: AttributeLayers;
  /** Names that are secret in any scope, or to a profile. */
  readonly secrets: ReadonlySet<string>;
};

/** Throws AttributeError, or NodesError for a selection. */
export function planSet(
  input: ChangeInput,
  target: AttributeTarget,
  { entries, isSecret }: SetOrder,
): readonly AttributeChange[] {
  if (isSecret && entries.some(({ name }) => name === profileAttribute)) {
    const message = `expected '${profileAttribute}' without --secret: lists and messages name it`;
    throw new AttributeError('no-secret', message);
  }
  const seen = entries.find(({ name, isSeen }) => isSeen && input.secrets.has(name));
  if (seen !== undefined) {
    const message = `expected the value of '${seen.name}', which is secret, from stdin or a file`;
    const advice = "use 'scree attr set --secret', and change what was seen";
    const code = 'seen-secret';
    throw new AttributeError(code, `${message}, got it as an argument; ${advice}`);
  }
  const checked = entries.map(({ name, value }) => {
    return { name: readAttributeName(name), value: readAttributeValue(value) };
  });
  return scopesOfTarget(input.nodes, target).flatMap((scope) =>
    checked.map(({ name, value }) => {
      return { scope, name, value, isSecret: isSecret || input.secrets.has(name) };
    }),
  );
}

/** Throws AttributeError `not-set` for a name that is set in none of the scopes. */
export function planUnset(
  { nodes, layers }: ChangeInput,
  target: AttributeTarget,
  names: readonly string[],
): readonly AttributeChange[] {
  const scopes = scopesOfTarget(nodes, target);
  const changes = [...new Set(names)].map((name) => {
    const holders = scopes.filter((scope) => layers.of(scope).has(name));
    if (holders.length === 0) throw notSet(name, target, scopes.flatMap(namesIn(layers)));
    return holders.map((scope) => ({ scope, name, value: undefined }));
  });
  return changes.flat();
}

/** Throws AttributeError `bad-scope`, or NodesError for a selection. */
export function scopesOfTarget(
  nodes: Selectable,
  target: AttributeTarget,
): readonly AttributeScope[] {
  if (target.kind !== 'node') return [readScope(target)];
  return selectSome(nodes, target.selection).map(({ name }) => ({ kind: 'node', target: name }));
}

function namesIn(layers: AttributeLayers): (scope: AttributeScope) => readonly string[] {
  return (scope) => [...layers.of(scope).keys()];
}

function notSet(name: string, target: AttributeTarget, known: readonly string[]): AttributeError {
  const where = target.kind === 'node' ? target.selection.join(' ') : targetOf(target);
  const scope = target.kind === 'global' ? 'for all' : `for ${target.kind} ${where}`;
  const near = nearestWord(name, [...new Set(known)]);
  const hint = near === undefined ? "see 'scree attr list'" : `did you mean '${near}'?`;
  const message = `expected an attribute that is set ${scope}, got '${name.slice(0, 64)}'`;
  return new AttributeError('not-set', `${message}; ${hint}`);
}
