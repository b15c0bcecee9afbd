import type { Declaration } from './declared.ts';
import {
  declaredTypes,
  isOneOf,
  joinDeclarations,
  readDeclared,
  showValue,
  typeForms,
} from './declared.ts';
import type { Catalog, Fragment } from './load.ts';
import type { Include, ProfileFile, Warning } from './profile-file.ts';
import { scopeNames } from './scope-names.ts';
import type { Scope } from './template.ts';
import type { DeclaredAttribute, DeclaredProfile, ProfileProblem } from './types.ts';

/** A profile with all that it may include. */
export type Plan = {
  readonly root: ProfileFile;
  readonly declared: DeclaredProfile;
  /** Profiles and fragments, each once, the including ones first. */
  readonly reached: readonly (ProfileFile | Fragment)[];
  /** Without any, every host's attributes can be looked at. */
  readonly problems: readonly ProfileProblem[];
};

/** Follows every include of a profile, whatever the conditions say. */
export function planProfile(catalog: Catalog, name: string): Plan | readonly ProfileProblem[] {
  const root = catalog.profiles.get(name);
  if (root === undefined) return [unknownProfile(catalog, name)];
  const reached = new Map<string, ProfileFile | Fragment>();
  const problems: ProfileProblem[] = [];
  const visit = (file: ProfileFile, trail: readonly string[]): void => {
    reached.set(file.name, file);
    problems.push(...file.problems);
    for (const include of file.includes) {
      if (trail.includes(include.name)) problems.push(cycle(include, trail));
      else if (!reached.has(include.name)) follow(include, trail);
    }
  };
  const follow = (include: Include, trail: readonly string[]): void => {
    const found = findIncluded(catalog, include);
    if ('code' in found) problems.push(found);
    else visit(found, [...trail, include.name]);
  };
  visit(root, [name]);
  const files = [...reached.values()];
  const declared = declare(root, files, problems);
  if (declared === undefined) return problems;
  problems.push(...undeclaredUses(files, declared));
  return { root, declared, reached: files, problems };
}

/** What a host includes, in order: what a file includes comes before the file, each once. */
export function chooseFragments(
  catalog: Catalog,
  { root }: Plan,
  scope: Scope,
): {
  readonly fragments: readonly Fragment[];
  readonly warnings: readonly Warning[];
  readonly problems: readonly ProfileProblem[];
} {
  const taken = new Map<string, ProfileFile | Fragment>();
  const seen = new Set<string>();
  const problems: ProfileProblem[] = [];
  const visit = (file: ProfileFile): void => {
    seen.add(file.name);
    for (const include of file.includes) {
      const holds = include.when?.holds(scope) ?? true;
      if (typeof holds !== 'boolean') problems.push(holds);
      if (holds !== true || seen.has(include.name)) continue;
      const found = findIncluded(catalog, include);
      if (!('code' in found)) visit(found);
    }
    taken.set(file.name, file);
  };
  visit(root);
  const files = [...taken.values()];
  const warnings = files.flatMap((file) =>
    file.warnings.filter(({ when }) => (when?.holds(scope) ?? true) === true),
  );
  return { fragments: files.filter(isFragment), warnings, problems };
}

function isFragment(file: ProfileFile | Fragment): file is Fragment {
  return 'sections' in file;
}

function findIncluded(
  { profiles, fragments }: Catalog,
  { name, place }: Include,
): ProfileFile | Fragment | ProfileProblem {
  const [profile, fragment] = [profiles.get(name), fragments.get(name)];
  const said = { place, attribute: undefined };
  if (profile !== undefined && fragment !== undefined) {
    const message = `'${name}' is a profile and a fragment: ${profile.file}, ${fragment.file}; rename one`;
    return { code: 'bad-profile', ...said, message };
  }
  const message = `expected a fragment or a profile '${name}', found none`;
  return profile ?? fragment ?? { code: 'unknown-fragment', ...said, message };
}

function unknownProfile({ profiles }: Catalog, name: string): ProfileProblem {
  const known = [...profiles.keys()].sort().join(', ');
  const message = `expected a profile '${name}', found ${known === '' ? 'none at all' : known}; write ${name}.yaml, or set the attribute 'profile'`;
  return { code: 'unknown-profile', place: undefined, attribute: 'profile', message };
}

function cycle({ name, place }: Include, trail: readonly string[]): ProfileProblem {
  const circle = [...trail.slice(trail.indexOf(name)), name].join(' → ');
  return {
    code: 'cycle',
    place,
    attribute: undefined,
    message: `expected no circle, got ${circle}`,
  };
}

function declare(
  root: ProfileFile,
  files: readonly ProfileFile[],
  problems: ProfileProblem[],
): DeclaredProfile | undefined {
  const place = { file: root.file, line: 1 };
  const [output, ...others] = [...new Set(files.flatMap((file) => file.output ?? []))];
  const os = files.find((file) => file.os !== undefined)?.os;
  const tree = files.find((file) => file.tree !== undefined)?.tree ?? os;
  const complain = (message: string): void => {
    problems.push({ code: 'bad-profile', place, attribute: undefined, message });
  };
  // A file that is not there, or cannot be read, may have had it.
  const isWhole = problems.length === 0;
  if (isWhole && output === undefined)
    complain('expected output: kickstart, preseed, autoinstall or script');
  if (isWhole && os === undefined) complain('expected os: such as rocky9');
  if (others.length > 0) complain(`expected one output, got ${[output, ...others].join(' and ')}`);
  const attributes = declareAttributes(files, problems);
  if (output === undefined || os === undefined || tree === undefined) return undefined;
  return { name: root.name, output, os, tree, description: root.description, attributes };
}

function declareAttributes(
  files: readonly ProfileFile[],
  problems: ProfileProblem[],
): ReadonlyMap<string, DeclaredAttribute> {
  const byName = Map.groupBy(
    files.flatMap((file) => file.attributes),
    ({ name }) => name,
  );
  const names = [...byName.keys()].sort();
  return new Map(
    names.flatMap((name) => {
      const [first, ...rest] = byName.get(name) ?? [];
      if (first === undefined) return [];
      const said: readonly [Declaration, ...Declaration[]] = [first, ...rest];
      const attribute = joinDeclarations(said);
      problems.push(...declarationProblems(said, attribute));
      return [[name, attribute] as const];
    }),
  );
}

function declarationProblems(
  said: readonly Declaration[],
  attribute: DeclaredAttribute,
): readonly ProfileProblem[] {
  const { name, type } = attribute;
  return said.flatMap((each): readonly ProfileProblem[] => {
    const problem = { place: each.place, attribute: name };
    if (scopeNames.has(name)) {
      const message = `'${name}' is what the node itself says; it cannot be declared`;
      return [{ code: 'bad-profile', ...problem, message }];
    }
    if (each.type !== undefined && each.type !== type && declaredTypes.includes(each.type)) {
      const message = `attribute '${name}': expected the type ${type} that ${attribute.place.file} says, got ${each.type}`;
      return [{ code: 'wrong-type', ...problem, message }];
    }
    if (each.defaultValue === undefined) return [];
    const value = readDeclared(type, each.defaultValue);
    if (value !== undefined && isOneOf(attribute, value)) return [];
    const { isSecret, oneOf } = attribute;
    const allowed = isSecret ? 'a value that is allowed' : `one of ${showValue(oneOf)}`;
    const expected = value === undefined ? typeForms[type] : allowed;
    const got = isSecret ? 'something else' : showValue(each.defaultValue);
    const message = `attribute '${name}': expected ${expected} as its default, got ${got}`;
    return [{ code: 'wrong-type', ...problem, message }];
  });
}

/** Attributes that a template or a condition wants, though no file of the profile declares them. */
function undeclaredUses(
  files: readonly (ProfileFile | Fragment)[],
  { attributes }: DeclaredProfile,
): readonly ProfileProblem[] {
  const conditions = files.flatMap((file) =>
    [...file.includes, ...file.warnings].flatMap(({ when }) => when?.uses ?? []),
  );
  const templates = files.flatMap((file) =>
    isFragment(file) ? [...file.sections.values()].flatMap(({ uses }) => uses) : [],
  );
  const unknown = [...conditions, ...templates].filter(
    ({ name }) => !attributes.has(name) && !scopeNames.has(name),
  );
  return unknown.map(({ name, place }) => {
    const message = `expected the attribute '${name}' to be declared by this fragment or its profile`;
    return { code: 'missing-attribute', place, attribute: name, message };
  });
}
