import type { Profiles } from '../profiles/types.ts';
import type { AttributeLayers } from './layers.ts';
import type { AttributeValue } from './types.ts';

/** What stands in the place of a secret's value. */
export const hidden = '(secret)';

/** The value as it may be shown. */
export function shownValue({
  value,
  isSecret,
}: {
  readonly value: AttributeValue;
  readonly isSecret: boolean;
}): AttributeValue {
  return isSecret ? hidden : value;
}

/** A name that is secret in one scope is so in all. */
export function secretNames(layers: AttributeLayers): ReadonlySet<string> {
  return new Set(layers.all.filter(({ isSecret }) => isSecret).map(({ name }) => name));
}

/** The same with what any profile declares to be secret. */
export function knownSecrets(
  layers: AttributeLayers,
  profiles: Pick<Profiles, 'list'>,
): ReadonlySet<string> {
  const declared = profiles.list().flatMap((each) => [...(each.declared?.attributes ?? [])]);
  const names = declared.flatMap(([name, { isSecret }]) => (isSecret ? [name] : []));
  return new Set([...secretNames(layers), ...names]);
}
