import type { AttributeValue } from '../attributes/types.ts';
import type { DeclaredAttribute, DeclaredType, Place } from './types.ts';

/** One file's word on an attribute; what it leaves out, files that it includes may say. */
export type Declaration = {
  readonly name: string;
  readonly type: DeclaredType | undefined;
  readonly defaultValue: AttributeValue | undefined;
  readonly isSecret: boolean | undefined;
  readonly description: string | undefined;
  readonly oneOf: readonly AttributeValue[] | undefined;
  readonly by: string;
  readonly place: Place;
};

export const declaredTypes: readonly DeclaredType[] = ['text', 'number', 'yes-no', 'list'];

export const typeForms: Readonly<Record<DeclaredType, string>> = {
  text: 'a text',
  number: 'a number',
  'yes-no': 'yes or no',
  list: 'a list of texts',
};

/** A value in the declared type; undefined for what is none. Texts say `yes`, `12` as well. */
export function readDeclared(type: DeclaredType, value: unknown): AttributeValue | undefined {
  switch (type) {
    case 'text':
      return typeof value === 'number' ? String(value) : textIn(value);
    case 'number':
      return readNumber(value);
    case 'yes-no':
      return readYesNo(value);
    case 'list':
      return readList(value);
  }
}

/** As people read it: a list in brackets, yes and no. */
export function showValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(showValue).join(', ')}]`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/**
 * What all files together say, the including ones first: each thing is taken from the first that
 * says it, and secret it is if any says so.
 */
export function joinDeclarations(
  declarations: readonly [Declaration, ...Declaration[]],
): DeclaredAttribute {
  const [first] = declarations;
  const type = declarations.find((each) => each.type !== undefined)?.type ?? 'text';
  const defaultValue = firstOf(declarations.map((each) => each.defaultValue));
  return {
    name: first.name,
    type,
    defaultValue: defaultValue === undefined ? undefined : readDeclared(type, defaultValue),
    isSecret: declarations.some((each) => each.isSecret === true),
    description: firstOf(declarations.map((each) => each.description)) ?? '',
    oneOf: firstOf(declarations.map((each) => each.oneOf)),
    by: first.by,
    place: first.place,
  };
}

export function isOneOf({ oneOf }: DeclaredAttribute, value: AttributeValue): boolean {
  if (oneOf === undefined) return true;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.every((each) => oneOf.some((allowed) => String(allowed) === String(each)));
}

function firstOf<Value>(values: readonly (Value | undefined)[]): Value | undefined {
  return values.find((value) => value !== undefined);
}

/** Zero bytes and halves of characters cannot be written in any file. */
function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0')
    ? value
    : undefined;
}

function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && /^-?\d{1,15}(?:\.\d+)?$/.test(value)
    ? Number(value)
    : undefined;
}

function readYesNo(value: unknown): boolean | undefined {
  if (value === true || value === 'yes' || value === 'on' || value === 'true') return true;
  if (value === false || value === 'no' || value === 'off' || value === 'false') return false;
  return undefined;
}

/** A text is as many as it has lines: secrets, and what comes from files, are nothing but texts. */
function readList(value: unknown): readonly string[] | undefined {
  const lines =
    typeof value === 'string' ? value.split(/\r?\n/).filter((line) => line !== '') : [value];
  const values = Array.isArray(value) ? value : lines;
  const texts = values.flatMap((each) => readDeclared('text', each) ?? []).map(String);
  return texts.length === values.length ? texts : undefined;
}
