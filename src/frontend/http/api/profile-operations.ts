import * as v from 'valibot';
import { renderProblem } from '../../profiles/errors.ts';
import type { DeclaredAttribute, ProfileSummary } from '../../profiles/types.ts';
import type { ApiDeps } from './deps.ts';
import { defineOperation, type Operation } from './operation.ts';
import { profileSchema } from './schemas.ts';

/** What roles can install. */
export function profileOperations({ profiles }: ApiDeps): readonly Operation[] {
  return [
    defineOperation({
      ...{ method: 'GET', path: '/profiles', id: 'listProfiles', tag: 'profiles', scope: 'read' },
      summary: 'All profiles with the attributes that they use, and what is wrong with them',
      answer: v.object({ profiles: v.array(profileSchema) }),
      run: () => ({ profiles: profilesOf(profiles) }),
    }),
  ];
}

export function profilesOf(profiles: Pick<ApiDeps['profiles'], 'list'>) {
  return profiles.list().map(profileOf);
}

function profileOf({ name, declared, problems }: ProfileSummary) {
  return {
    name,
    output: declared?.output ?? null,
    os: declared?.os ?? null,
    tree: declared?.tree ?? null,
    description: declared?.description ?? '',
    attributes: [...(declared?.attributes.values() ?? [])].map(attributeOf),
    problems: problems.map(renderProblem),
  };
}

function attributeOf({ name, type, defaultValue, isSecret, ...more }: DeclaredAttribute) {
  const { description, oneOf = null, by } = more;
  const isRequired = defaultValue === undefined;
  // A secret that a profile brings along is one all the same.
  const shown = isSecret ? null : (defaultValue ?? null);
  return { name, type, default: shown, isRequired, isSecret, description, oneOf, by };
}
