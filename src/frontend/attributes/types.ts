import type { MachineNode } from '../nodes/types.ts';

/** What an attribute may be; a list is one of texts. */
export type AttributeValue = string | number | boolean | readonly string[];

/** For whom a value holds. Later ones go before earlier ones: global, os, role, rack, node. */
export type AttributeScope =
  | { readonly kind: 'global' }
  | { readonly kind: 'os' | 'role' | 'rack' | 'node'; readonly target: string };

export type Attribute = {
  readonly scope: AttributeScope;
  /** Lower case letters, digits and `-`, beginning with a letter; at most 63. */
  readonly name: string;
  readonly value: AttributeValue;
  /** Never printed, logged or listed; only the node's own install script holds it. */
  readonly isSecret: boolean;
};

/** Where a resolved value comes from. */
export type AttributeOrigin =
  /** What the node itself says: its name, address, rack … */
  | { readonly kind: 'built-in' }
  /** The default that a profile or fragment declares. */
  | { readonly kind: 'profile'; readonly target: string }
  | AttributeScope;

export type ResolvedAttribute = {
  readonly value: AttributeValue;
  readonly isSecret: boolean;
  readonly origin: AttributeOrigin;
};

/** A node with all that is known of it: what its install script is made from. */
export type ResolvedHost = {
  readonly node: MachineNode;
  /** What it installs; see the attribute `profile`, which is the role's name unless set. */
  readonly profile: string;
  /** The operating system that the profile names. */
  readonly os: string | undefined;
  /** By name, sorted. */
  readonly attributes: ReadonlyMap<string, ResolvedAttribute>;
};
