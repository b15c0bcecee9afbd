import * as v from 'valibot';

/** The pieces that the schema of scree.yaml is made of. */

/** A mapping with these keys and no others. */
export function section<const Entries extends v.ObjectEntries>(entries: Entries) {
  const names = Object.keys(entries).join(', ');
  return v.pipe(
    v.custom<Record<string, unknown>>(isMapping, `expected keys (${names})`),
    v.objectWithRest(entries, v.never(`expected ${names}`)),
  );
}

/** A list of such mappings; none when left out. */
export function listOf<const Entries extends v.ObjectEntries>(expected: string, entries: Entries) {
  return v.optional(v.array(section(entries), `expected ${expected}`), []);
}

/** Such mappings by names of the operator's choice; none when left out. */
export function namedOf<const Entries extends v.ObjectEntries>(expected: string, entries: Entries) {
  const named = v.pipe(
    v.custom<Record<string, unknown>>(isMapping, `expected ${expected}`),
    v.record(v.string(), section(entries)),
  );
  return v.optional(named, {});
}

/** A mapping of anything; what its values are worth is seen later. */
export function anyMapping(expected: string) {
  return v.optional(
    v.custom<Readonly<Record<string, unknown>>>(isMapping, `expected ${expected}`),
    {},
  );
}

type Read<Value> = (value: unknown) => Value | undefined;

/** One value; `read` gives undefined for what it does not take. */
export function setting<Value>(
  expected: string,
  whenLeftOut: string | number | boolean | readonly string[],
  read: Read<Value>,
) {
  return v.optional(checked(expected, read), whenLeftOut);
}

/** One value that has to be there. */
export function required<Value>(expected: string, read: Read<Value>) {
  // No reader takes null.
  return v.optional(checked(expected, read), null);
}

/** One value; undefined when left out. */
export function ifGiven<Value>(expected: string, read: Read<Value>) {
  return v.optional(checked(expected, read));
}

function checked<Value>(expected: string, read: Read<Value>) {
  const transform = v.rawTransform<unknown, Value>(({ dataset, addIssue, NEVER }) => {
    const value = read(dataset.value);
    if (value !== undefined) return value;
    addIssue({ message: `expected ${expected}` });
    return NEVER;
  });
  return v.pipe(v.unknown(), transform);
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
