import type { AttributeOrigin, AttributeValue, ResolvedHost } from '../attributes/types.ts';
import { isOneOf, readDeclared, showValue, typeForms } from './declared.ts';
import { builtInNames, scopeNames } from './scope-names.ts';
import type { Scope } from './template.ts';
import type { DeclaredAttribute, DeclaredProfile, ProfileProblem, RenderContext } from './types.ts';

/** What the templates of a profile see of a host, every declared attribute in its type. */
export function scopeOf(
  host: ResolvedHost,
  declared: DeclaredProfile,
  context: RenderContext,
): { readonly scope: Scope; readonly problems: readonly ProfileProblem[] } {
  const problems: ProfileProblem[] = [];
  const said = [...host.attributes].flatMap(([name, { value }]) =>
    scopeNames.has(name) ? [[name, value] as const] : [],
  );
  const typed = [...declared.attributes.values()].flatMap((attribute) => {
    const value = valueFor(host, attribute);
    if (typeof value !== 'object' || !('code' in value)) return [[attribute.name, value] as const];
    problems.push(value);
    return [];
  });
  const scope = {
    ...Object.fromEntries(builtInNames.map((name) => [name, null])),
    frontend: context.frontend,
    'frontend-url': `http://${context.frontend}`,
    architecture: 'x86_64',
    ...Object.fromEntries([...said, ...typed]),
    ...(context.architecture === undefined ? {} : { architecture: context.architecture }),
    os: declared.os,
    profile: host.profile,
    output: declared.output,
    install: {
      tree: declared.tree,
      token: context.token,
      'success-url': context.urls.success,
      'failure-url': context.urls.failure,
      'files-url': context.urls.files,
    },
  };
  return { scope, problems };
}

function valueFor(
  host: ResolvedHost,
  attribute: DeclaredAttribute,
): AttributeValue | ProfileProblem {
  const { name, type, place } = attribute;
  const resolved = host.attributes.get(name);
  const given = resolved?.value ?? attribute.defaultValue;
  if (given === undefined) {
    const message = `expected the attribute '${name}' (${typeForms[type]}), found none; set it`;
    return { code: 'missing-attribute', place, attribute: name, message };
  }
  const value = readDeclared(type, given);
  if (value !== undefined && isOneOf(attribute, value)) return value;
  const isSecret = attribute.isSecret || resolved?.isSecret === true;
  const allowed = isSecret ? 'a value that is allowed' : `one of ${showValue(attribute.oneOf)}`;
  const expected = value === undefined ? typeForms[type] : allowed;
  const got = isSecret ? 'something else' : showValue(given);
  const from = resolved === undefined ? '' : ` from ${renderOrigin(resolved.origin)}`;
  const message = `attribute '${name}': expected ${expected}, got ${got}${from}`;
  return {
    code: value === undefined ? 'wrong-type' : 'bad-value',
    place,
    attribute: name,
    message,
  };
}

function renderOrigin(origin: AttributeOrigin): string {
  return 'target' in origin ? `${origin.kind} ${origin.target}` : origin.kind;
}
