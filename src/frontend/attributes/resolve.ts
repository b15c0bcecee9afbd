import type { MachineNode } from '../nodes/types.ts';
import type { AttributeLayers } from './layers.ts';
import type { AttributeScope, AttributeValue, ResolvedAttribute, ResolvedHost } from './types.ts';
import { profileAttribute } from './words.ts';

/** What a profile says before any node's attributes are known. */
export type DeclaredDefaults = {
  readonly os: string;
  readonly attributes: ReadonlyMap<
    string,
    {
      readonly defaultValue: AttributeValue | undefined;
      /** The profile or fragment that says so. */
      readonly by: string;
    }
  >;
};

export type ResolveInput = {
  readonly layers: AttributeLayers;
  /** Undefined for a profile that there is not, or that cannot be used. */
  readonly profile: (name: string) => DeclaredDefaults | undefined;
  /** `host[:port]` of the frontend's HTTP server. */
  readonly frontend: string;
  /** See knownSecrets. */
  readonly secrets: ReadonlySet<string>;
};

/**
 * Everything that a node's install script is made from, each value with its origin: built-in values
 * go before the node's own, then those of its rack, its role, its operating system, of all, and at
 * last the profile's default. Which operating system it is depends on the profile, so the attribute
 * `profile` is not looked up there.
 */
export function resolveHost(node: MachineNode, input: ResolveInput): ResolvedHost {
  const { layers, frontend, secrets } = input;
  const profile = profileOf(node, layers);
  const declared = input.profile(profile);
  const os = declared?.os;
  const attributes = new Map<string, ResolvedAttribute>();
  const put = (name: string, { value, origin }: Found): void => {
    attributes.set(name, { value, isSecret: secrets.has(name), origin });
  };
  for (const [name, { defaultValue, by }] of declared?.attributes ?? []) {
    if (defaultValue === undefined) continue;
    put(name, { value: defaultValue, origin: { kind: 'profile', target: by } });
  }
  for (const scope of scopesOf(node, os)) {
    for (const [name, { value }] of layers.of(scope)) {
      if (scope.kind !== 'os' || name !== profileAttribute) put(name, { value, origin: scope });
    }
  }
  if (!attributes.has(profileAttribute)) attributes.set(profileAttribute, builtIn(profile));
  for (const [name, value] of builtIns(node, { os, frontend })) {
    attributes.set(name, builtIn(value));
  }
  return { node, profile, os, attributes: sorted(attributes) };
}

type Found = Omit<ResolvedAttribute, 'isSecret'>;

/** The scopes that hold for a node, the weakest first. */
export function scopesOf(
  { name, role, rack }: MachineNode,
  os: string | undefined,
): readonly AttributeScope[] {
  return [
    { kind: 'global' },
    ...(os === undefined ? [] : [{ kind: 'os', target: os } as const]),
    { kind: 'role', target: role },
    ...(rack === undefined ? [] : [{ kind: 'rack', target: String(rack) } as const]),
    { kind: 'node', target: name },
  ];
}

/** What a node installs. */
export function profileOf(node: MachineNode, layers: AttributeLayers): string {
  const values = scopesOf(node, undefined).map((scope) => layers.of(scope).get(profileAttribute));
  const value = values.findLast((each) => each !== undefined)?.value;
  return value === undefined ? node.role : String(value);
}

function builtIns(
  { name, address, macs, uuid, role, rack, rank }: MachineNode,
  { os, frontend }: { readonly os: string | undefined; readonly frontend: string },
): readonly [string, AttributeValue][] {
  const values = {
    ...{ name, address, mac: macs[0], macs, uuid, role, rack, rank, os, frontend },
    'frontend-url': `http://${frontend}`,
  };
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] satisfies [string, AttributeValue]],
  );
}

function builtIn(value: AttributeValue): ResolvedAttribute {
  return { value, isSecret: false, origin: { kind: 'built-in' } };
}

function sorted(
  attributes: ReadonlyMap<string, ResolvedAttribute>,
): ReadonlyMap<string, ResolvedAttribute> {
  return new Map([...attributes].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
