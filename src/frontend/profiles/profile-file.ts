import * as v from 'valibot';
import type { AttributeValue } from '../attributes/types.ts';
import { type ConfigText, readConfigText } from '../config-document.ts';
import { renderPath } from '../config-problem.ts';
import type { Declaration } from './declared.ts';
import { declaredTypes } from './declared.ts';
import { type Condition, parseCondition } from './template.ts';
import type { Place, ProfileOutput, ProfileProblem } from './types.ts';

export type Include = {
  readonly name: string;
  readonly when: Condition | undefined;
  readonly place: Place;
};

/** What `profile check` says where the condition holds. */
export type Warning = {
  readonly when: Condition | undefined;
  readonly say: string;
  readonly place: Place;
};

/** What stands in NAME.yaml, of a profile or of a fragment. */
export type ProfileFile = {
  readonly name: string;
  readonly file: string;
  readonly description: string;
  readonly output: ProfileOutput | undefined;
  readonly os: string | undefined;
  readonly tree: string | undefined;
  readonly includes: readonly Include[];
  readonly attributes: readonly Declaration[];
  readonly warnings: readonly Warning[];
  readonly problems: readonly ProfileProblem[];
};

/** Lower case letters, digits, `.`, `_` and `-`; what names of files below profiles/ are made of. */
export const profileName = /^[a-z0-9][a-z0-9._-]{0,62}$/;

const attributeName = /^[a-z][a-z0-9-]{0,62}$/;

// Words of the template language, and names that the install itself has.
const reservedNames = new Set(
  'true false nil null empty blank and or not contains forloop install output'.split(' '),
);

const name = v.pipe(
  v.string('expected a name'),
  v.regex(profileName, 'expected a name: a-z, 0-9, . _ -'),
);
const text = v.string('expected a text');
const value = v.union(
  [v.string(), v.number(), v.boolean(), v.array(v.union([v.string(), v.number()]))],
  'expected a text, a number, yes or no, or a list of texts',
);
const condition = v.pipe(
  v.union([v.string(), v.boolean()], 'expected a condition'),
  v.transform(String),
);

const include = v.union(
  [name, v.strictObject({ name, when: v.optional(condition) })],
  'expected a name, or {name, when}',
);

const attribute = v.nullish(
  v.strictObject({
    type: v.optional(v.picklist(declaredTypes, `expected ${declaredTypes.join(', ')}`)),
    default: v.optional(value),
    secret: v.optional(v.boolean('expected true or false')),
    description: v.optional(text),
    'one-of': v.optional(v.array(v.union([v.string(), v.number()]), 'expected a list of values')),
  }),
  {},
);

const common = {
  description: v.optional(text, ''),
  include: v.optional(v.array(include, 'expected a list of names'), []),
  attributes: v.optional(v.record(v.string(), attribute), {}),
  warn: v.optional(
    v.array(
      v.strictObject({ when: v.optional(condition), say: text }),
      'expected a list of {when, say}',
    ),
    [],
  ),
};

const schemas = {
  fragment: v.strictObject(common),
  profile: v.strictObject({
    ...common,
    output: v.optional(
      v.picklist(
        ['kickstart', 'preseed', 'autoinstall', 'script'],
        'expected kickstart, preseed, autoinstall or script',
      ),
    ),
    os: v.optional(name),
    tree: v.optional(name),
  }),
};

/** Never throws: what is wrong with it is in `problems`. */
export function readProfileFile(
  kind: 'profile' | 'fragment',
  { name, file, text }: { readonly name: string; readonly file: string; readonly text: string },
): ProfileFile {
  const source = readConfigText(text);
  const empty = { name, file, description: '', output: undefined, os: undefined, tree: undefined };
  const nothing = { ...empty, includes: [], attributes: [], warnings: [] };
  if (source.problems.length > 0) {
    return {
      ...nothing,
      problems: source.problems.map((each) => problemAt({ file, line: each.line }, each.message)),
    };
  }
  const result = v.safeParse(schemas[kind], source.value);
  if (!result.success) {
    const problems = result.issues.map((issue) => describe(issue, source, file));
    const byLine = (a: ProfileProblem, b: ProfileProblem) =>
      (a.place?.line ?? 0) - (b.place?.line ?? 0);
    return { ...nothing, problems: problems.toSorted(byLine) };
  }
  return fileFrom(result.output, { name, file, source });
}

type Document = v.InferOutput<typeof schemas.profile>;

type Source = { readonly name: string; readonly file: string; readonly source: ConfigText };

function fileFrom(document: Document, { name, file, source }: Source): ProfileFile {
  const problems: ProfileProblem[] = [];
  const placeOf = (...path: string[]): Place => ({ file, line: lineOf(source, path) });
  const read = (text: string | undefined, place: Place): Condition | undefined => {
    if (text === undefined) return undefined;
    const condition = parseCondition(text, place);
    if (!('problems' in condition)) return condition;
    problems.push(...condition.problems);
    return undefined;
  };
  const includes = document.include.map((each, at): Include => {
    const place = placeOf('include', String(at));
    if (typeof each === 'string') return { name: each, when: undefined, place };
    return { name: each.name, when: read(each.when, place), place };
  });
  const warnings = document.warn.map(({ when, say }, at): Warning => {
    const place = placeOf('warn', String(at));
    return { when: read(when, place), say, place };
  });
  const attributes = Object.entries(document.attributes).map(([key, each]): Declaration => {
    const place = placeOf('attributes', key);
    if (!attributeName.test(key) || reservedNames.has(key)) {
      problems.push(problemAt(place, `expected an attribute's name, got '${key}'`, key));
    }
    return declarationFrom(key, each, { by: name, place });
  });
  const { description, output, os, tree } = document;
  return { name, file, description, output, os, tree, includes, attributes, warnings, problems };
}

function declarationFrom(
  name: string,
  said: NonNullable<Document['attributes'][string]>,
  origin: { readonly by: string; readonly place: Place },
): Declaration {
  const { type, default: given, secret, description, 'one-of': oneOf } = said;
  const defaultValue: AttributeValue | undefined = Array.isArray(given) ? given.map(String) : given;
  return { name, type, defaultValue, isSecret: secret, description, oneOf, ...origin };
}

function describe(issue: v.BaseIssue<unknown>, source: ConfigText, file: string): ProfileProblem {
  const path = (issue.path ?? []).map((item) => String(item.key));
  const place = { file, line: lineOf(source, path) };
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return problemAt(place, `unknown key '${renderPath(path)}'`);
  }
  const got = issue.input === undefined ? 'nothing' : JSON.stringify(issue.input).slice(0, 60);
  const where = path.length === 0 ? '' : `${renderPath(path)}: `;
  const message = /^expected/.test(issue.message) ? issue.message : 'expected another value';
  return problemAt(
    place,
    `${where}${message}, got ${got}`,
    path[0] === 'attributes' ? path[1] : undefined,
  );
}

/** Of a mapping's key, of a list's item. */
function lineOf(source: ConfigText, path: readonly string[]): number {
  const isItem = /^\d+$/.test(path.at(-1) ?? '');
  return source.locate(path, isItem ? 'value' : 'key').line;
}

function problemAt(place: Place, message: string, attribute?: string): ProfileProblem {
  return { code: 'bad-profile', place, attribute, message };
}
