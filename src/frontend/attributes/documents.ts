import { type AttributeLayers, targetOf } from './layers.ts';
import { shownValue } from './secrets.ts';
import type { Attribute, AttributeOrigin, AttributeValue, ResolvedHost } from './types.ts';

/** The JSON forms of attributes. No secret is in them. */
export type AttributeDocument = {
  readonly scope: 'global' | 'os' | 'role' | 'rack' | 'node';
  /** Null for `global`. */
  readonly target: string | null;
  readonly name: string;
  /** `(secret)` for a secret. */
  readonly value: AttributeValue;
  readonly isSecret: boolean;
};

export type ResolvedDocument = {
  readonly node: string;
  readonly profile: string;
  readonly os: string | null;
  readonly attributes: readonly {
    readonly name: string;
    readonly value: AttributeValue;
    readonly isSecret: boolean;
    readonly origin: {
      readonly kind: AttributeOrigin['kind'];
      /** Null for `built-in` and `global`. */
      readonly target: string | null;
    };
  }[];
};

/** `secrets`: see knownSecrets. */
export function documentsOf(
  layers: AttributeLayers,
  secrets: ReadonlySet<string>,
  isWanted: (attribute: Attribute) => boolean = () => true,
): readonly AttributeDocument[] {
  return layers.all.filter(isWanted).map(({ scope, name, value }) => {
    const isSecret = secrets.has(name);
    return {
      scope: scope.kind,
      target: scope.kind === 'global' ? null : targetOf(scope),
      name,
      value: shownValue({ value, isSecret }),
      isSecret,
    };
  });
}

export function resolvedDocumentOf(host: ResolvedHost): ResolvedDocument {
  const { node, profile, os = null, attributes } = host;
  return {
    node: node.name,
    profile,
    os,
    attributes: [...attributes].map(([name, each]) => ({
      name,
      value: shownValue(each),
      isSecret: each.isSecret,
      origin: {
        kind: each.origin.kind,
        target: 'target' in each.origin ? each.origin.target : null,
      },
    })),
  };
}
