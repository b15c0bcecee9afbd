import type { Profiles } from '../profiles/types.ts';
import type { AttributeLayers } from './layers.ts';
import type { AttributeValue, ResolvedHost } from './types.ts';
import { builtInNames, profileAttribute } from './words.ts';

/** What stands in the place of a secret's value. */
export const hidden = '(secret)';

/** Shorter texts occur by chance, and say little. */
const shortestFound = 4;
const shortestPart = 12;

/**
 * The rule of what is secret: a name that is secret in one scope, or that any profile declares to
 * be, is so everywhere, also where it was set before. What a node itself says is known anyway, and
 * which profile it has is no secret.
 */
export function knownSecrets(
  layers: AttributeLayers,
  profiles: Pick<Profiles, 'list'>,
): ReadonlySet<string> {
  const set = layers.all.filter(({ isSecret }) => isSecret).map(({ name }) => name);
  const declared = profiles
    .list()
    .flatMap((each) => [...(each.declared?.attributes ?? [])])
    .flatMap(([name, { isSecret }]) => (isSecret ? [name] : []));
  const names = [...set, ...declared];
  return new Set(names.filter((name) => name !== profileAttribute && !builtInNames.has(name)));
}

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

/**
 * The text without the secrets of a host: for what others wrote that were given them, such as
 * installers and programs. Each value is found, and of lists, lines and `NAME:HASH` the parts.
 */
export function withoutSecrets(text: string, { attributes }: ResolvedHost): string {
  const found = [...attributes.values()]
    .flatMap(({ value, isSecret }) => (isSecret ? textsOf(value) : []))
    .flatMap(partsOf)
    // A part must not take away what the whole is known by.
    .toSorted((a, b) => b.length - a.length);
  return [...new Set(found)].reduce((rest, secret) => rest.replaceAll(secret, hidden), text);
}

function textsOf(value: AttributeValue): readonly string[] {
  // Numbers and yes or no stand everywhere.
  if (typeof value === 'object') return value;
  return typeof value === 'string' ? [value] : [];
}

function partsOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  const parts = lines
    .flatMap((line) => line.split(':'))
    .filter((each) => each.length >= shortestPart);
  return [text, ...lines, ...parts].map((each) => each.trim()).filter(isFindable);
}

function isFindable(text: string): boolean {
  return text.length >= shortestFound && text !== hidden;
}
