import type { Place, ProfileProblem } from './types.ts';

/** A value where a template has `{{ … }}`: what is written for it is up to the section's format. */
export type Slot = {
  readonly value: unknown;
  /** What stands between the braces. */
  readonly expression: string;
  readonly place: Place;
};

/** A rendered template: its own text, and what `| raw` let through, with the values in between. */
export type Piece = string | Slot;

/** Text in the section's format; with problems, the text is of no use. */
export type Written = { readonly text: string; readonly problems: readonly ProfileProblem[] };

export function badValue({ expression, place }: Slot, why: string): ProfileProblem {
  const message = `{{ ${expression} }}: ${why}`;
  return { code: 'bad-value', place, attribute: attributeOf(expression), message };
}

export function badTemplate(place: Place, message: string): ProfileProblem {
  return { code: 'bad-template', place, attribute: undefined, message };
}

/** The name at the beginning of an expression. */
function attributeOf(expression: string): string | undefined {
  return /^[a-z][a-z0-9-]*/.exec(expression)?.[0];
}

/**
 * What is neither a list nor nothing, as plain text; a problem otherwise. True and false are
 * written so.
 */
export function plainText(slot: Slot): string | ProfileProblem {
  const { value } = slot;
  if (value === null || value === undefined) return missingValue(slot);
  if (Array.isArray(value)) {
    return badValue(slot, 'expected one value, got a list; join it: {{ … | join: "," }}');
  }
  return scalarText(value) ?? badValue(slot, `expected a value, got ${JSON.stringify(value)}`);
}

export function missingValue(slot: Slot): ProfileProblem {
  const problem = badValue(slot, 'expected a value, got nothing: it is not set for this node');
  return { ...problem, code: 'missing-attribute' };
}

export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return undefined;
}
