import { nearestWord } from '../nearest-word.ts';
import type { MachineNode } from '../nodes/types.ts';
import type { DeclaredProfile } from '../profiles/types.ts';
import type { AttributeScope, AttributeValue } from './types.ts';
import { profileAttribute } from './words.ts';

type Known = {
  readonly nodes: readonly MachineNode[];
  readonly profiles: readonly DeclaredProfile[];
};

/** A role that no node has, but one that is much like it; an operating system of no profile. */
export function unknownTarget(
  { nodes, profiles }: Known,
  scope: AttributeScope,
): readonly string[] {
  if (scope.kind === 'os') {
    const known = [...new Set(profiles.map(({ os }) => os))];
    if (known.includes(scope.target)) return [];
    return [
      `no profile names the operating system '${scope.target}'; there are: ${known.join(', ')}`,
    ];
  }
  if (scope.kind !== 'role') return [];
  const roles = [...new Set(nodes.map(({ role }) => role))];
  const near = roles.includes(scope.target) ? undefined : nearestWord(scope.target, roles);
  return near === undefined
    ? []
    : [`no node has the role '${scope.target}'; did you mean '${near}'?`];
}

/** A profile that there is not; a name that no profile knows, but one that is much like it. */
export function unknownNames(
  profiles: readonly DeclaredProfile[],
): (setting: { readonly name: string; readonly value: AttributeValue }) => readonly string[] {
  const names = [...new Set(profiles.flatMap(({ attributes }) => [...attributes.keys()]))];
  return ({ name, value }) => {
    if (name === profileAttribute) {
      const known = profiles.map((each) => each.name);
      if (known.includes(String(value))) return [];
      const near = nearestWord(String(value), known);
      const hint =
        near === undefined ? `there are: ${known.join(', ')}` : `did you mean '${near}'?`;
      return [`no profile '${String(value)}' can be used now; ${hint}`];
    }
    const near = names.includes(name) ? undefined : nearestWord(name, names);
    return near === undefined ? [] : [`no profile uses '${name}'; did you mean '${near}'?`];
  };
}
