import type { WatchedNode } from '../../cli/watch-model.ts';

type Attribute = {
  readonly scope: string;
  readonly target: string | null;
  readonly name: string;
  readonly value: unknown;
};

/** What each scope is of a machine, the one that counts first. Of systems only profiles know. */
const targets = [
  ['node', ({ name }: WatchedNode) => name],
  ['rack', ({ rack }: WatchedNode) => (rack === null ? null : String(rack))],
  ['role', ({ role }: WatchedNode) => role],
  ['global', () => null],
] as const;

/** Which profile a machine gets: the attribute `profile` where it is set, else its role's. */
export function profileOf(attributes: readonly Attribute[]): (node: WatchedNode) => string {
  const set = attributes.filter(({ name }) => name === 'profile');
  return (node) => {
    for (const [scope, targetOf] of targets) {
      const target = targetOf(node);
      const found = set.find((each) => each.scope === scope && each.target === target);
      if (found !== undefined) return String(found.value);
    }
    return node.role;
  };
}
