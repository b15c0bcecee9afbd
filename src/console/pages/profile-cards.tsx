import type { InferOutput } from 'valibot';
import type { WatchedNode } from '../../cli/watch-model.ts';
import type { attributeSchema, profileSchema } from '../../frontend/http/api/schemas.ts';
import { useStore } from '../data/store.ts';
import { watched } from '../data/watch.ts';
import { Empty } from '../parts/notices.tsx';
import { profileOf } from './profile-of.ts';

type Attribute = InferOutput<typeof attributeSchema>;
type Profile = InferOutput<typeof profileSchema>;

type Props = {
  readonly profiles: readonly Profile[];
  readonly profileAttributes: readonly Attribute[];
};

/** What each profile is, what is wrong with it, and which machines get it. */
export function Profiles({ profiles, profileAttributes }: Props) {
  const { state } = useStore(watched);
  const given = Map.groupBy(state.nodes.values(), profileOf(profileAttributes));
  if (profiles.length === 0) return <Empty text="There are no profiles." />;
  return (
    <div class="cards">
      {profiles.map((profile) => (
        <ProfileCard key={profile.name} profile={profile} nodes={given.get(profile.name) ?? []} />
      ))}
    </div>
  );
}

type ProfileProps = { readonly profile: Profile; readonly nodes: readonly WatchedNode[] };

function ProfileCard({ profile, nodes }: ProfileProps) {
  const { name, output, os, tree, description, attributes, problems } = profile;
  return (
    <div class={problems.length > 0 ? 'card bad' : 'card'}>
      <h3>
        {name} {output !== null && <small>{output}</small>}
      </h3>
      <p>{description}</p>
      <p class="muted">{[os, tree === null ? '' : `tree ${tree}`].filter(Boolean).join(' · ')}</p>
      <p>{givenTo(nodes)} </p>
      {problems.map((problem) => (
        <p key={problem} class="problem">
          {problem}
        </p>
      ))}
      {attributes.length > 0 && (
        <details>
          <summary>{attributes.length} attributes</summary>
          <dl>
            {attributes.map((attribute) => (
              <div key={attribute.name}>
                <dt>
                  {attribute.name}
                  {attribute.isRequired && <small class="tag">required</small>}
                </dt>
                <dd>
                  {attribute.description} <span class="muted">{defaultOf(attribute)}</span>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}

function givenTo(nodes: readonly WatchedNode[]): string {
  if (nodes.length === 0) return 'given to no machine';
  const roles = [...new Set(nodes.map(({ role }) => role))].toSorted();
  const [first] = nodes;
  if (nodes.length === 1 && first !== undefined) return `given to ${first.name}`;
  return `given to ${nodes.length} machines, of ${roles.join(', ')}`;
}

function defaultOf({ default: value, isSecret }: Profile['attributes'][number]): string {
  if (isSecret) return 'secret';
  return value === null || value === '' ? '' : `unless set: ${String(value)}`;
}
