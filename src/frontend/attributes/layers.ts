import type { Attribute, AttributeScope } from './types.ts';

/** All attributes, found by scope. */
export type AttributeLayers = {
  /** Sorted as they are resolved: by kind of scope, target and name. */
  readonly all: readonly Attribute[];
  /** By name. */
  readonly of: (scope: AttributeScope) => ReadonlyMap<string, Attribute>;
};

/** In the order in which later ones go before earlier ones. */
export const scopeKinds = ['global', 'os', 'role', 'rack', 'node'] as const;

const none: ReadonlyMap<string, Attribute> = new Map();
const byNumbersInNames = new Intl.Collator('en', { numeric: true });

export function layersOf(attributes: readonly Attribute[]): AttributeLayers {
  const layers = new Map<string, Map<string, Attribute>>();
  for (const attribute of attributes) {
    const key = scopeKey(attribute.scope);
    const layer = layers.get(key) ?? new Map<string, Attribute>();
    layers.set(key, layer.set(attribute.name, attribute));
  }
  return {
    all: attributes.toSorted(compare),
    of: (scope) => layers.get(scopeKey(scope)) ?? none,
  };
}

export function scopeKey(scope: AttributeScope): string {
  return `${scope.kind} ${targetOf(scope)}`;
}

/** Empty for `global`. */
export function targetOf(scope: AttributeScope): string {
  return scope.kind === 'global' ? '' : scope.target;
}

function compare(a: Attribute, b: Attribute): number {
  return (
    scopeKinds.indexOf(a.scope.kind) - scopeKinds.indexOf(b.scope.kind) ||
    byNumbersInNames.compare(targetOf(a.scope), targetOf(b.scope)) ||
    (a.name < b.name ? -1 : 1)
  );
}
