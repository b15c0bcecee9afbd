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
