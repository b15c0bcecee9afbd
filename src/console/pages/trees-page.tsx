import { useState } from 'preact/hooks';
import type { InferOutput } from 'valibot';
import type { WatchedNode } from '../../cli/watch-model.ts';
import type {
  attributeSchema,
  brokenTreeSchema,
  imageSchema,
  profileSchema,
  treeSchema,
} from '../../frontend/http/api/schemas.ts';
import { formatBytes } from '../../runtime/units.ts';
import { apiPath, ask, messageOf } from '../data/api.ts';
import { type Loaded, useAnswer } from '../data/load.ts';
import { may, noteRefusal, session } from '../data/session.ts';
import { useStore } from '../data/store.ts';
import { formatTime } from '../data/times.ts';
import { useFresh } from '../data/use-fresh.ts';
import { watched } from '../data/watch.ts';
import { Empty, Loading, Problem } from '../parts/notices.tsx';
import { profileOf } from './profile-of.ts';

type Tree = InferOutput<typeof treeSchema>;
type Broken = InferOutput<typeof brokenTreeSchema>;
type Profile = InferOutput<typeof profileSchema>;
type Attribute = InferOutput<typeof attributeSchema>;
type Image = InferOutput<typeof imageSchema>;
type TreesAnswer = { readonly trees: readonly Tree[]; readonly broken: readonly Broken[] };

/** What is served, and what of it is given to whom. */
export function TreesPage() {
  const fresh = useFresh();
  const [trees, againTrees] = useAnswer<TreesAnswer>(apiPath('/trees'), fresh);
  const [profiles, againProfiles] = useAnswer<{ readonly profiles: readonly Profile[] }>(
    apiPath('/profiles'),
    fresh,
  );
  const [images] = useAnswer<{ readonly images: readonly Image[] }>(apiPath('/images'), fresh);
  return (
    <article>
      <h1>Trees & profiles</h1>
      <section>
        <h2>Package trees</h2>
        <Shown loaded={trees} what="the trees" onAgain={againTrees}>
          {({ trees: all, broken }) => <Trees trees={all} broken={broken} />}
        </Shown>
        <Reload onDone={againTrees} />
      </section>
      <section>
        <h2>Profiles</h2>
        <Shown loaded={profiles} what="the profiles" onAgain={againProfiles}>
          {({ profiles: all }) => <Profiles profiles={all} />}
        </Shown>
      </section>
      <section>
        <h2>Images of the agent</h2>
        <Shown loaded={images} what="the images">
          {({ images: all }) => <Images images={all} />}
        </Shown>
      </section>
    </article>
  );
}

type ShownProps<Value> = {
  readonly loaded: Loaded<Value>;
  readonly what: string;
  readonly onAgain?: () => void;
  readonly children: (value: Value) => preact.ComponentChildren;
};

function Shown<Value>({ loaded, what, onAgain, children }: ShownProps<Value>) {
  if (loaded.kind === 'loading') return <Loading what={what} />;
  if (loaded.kind === 'there') return <>{children(loaded.value)}</>;
  return <Problem reason={loaded.reason} {...(onAgain === undefined ? {} : { onAgain })} />;
}

function Trees({ trees, broken }: TreesAnswer) {
  if (trees.length + broken.length === 0) {
    return (
      <Empty text="No tree is served yet.">
        <p>
          <code>scree tree add NAME FOLDER|ISO</code> adds one.
        </p>
      </Empty>
    );
  }
  const newest = new Map(trees.map(({ name, generation }) => [name, generation]));
  return (
    <div class="cards">
      {broken.map(({ tree, generation, reason }) => (
        <div class="card bad" key={`${tree}@${generation}`}>
          <h3>
            {tree} <small>generation {generation}</small>
          </h3>
          <p class="problem">Not served: {reason}</p>
        </div>
      ))}
      {trees.toReversed().map((tree) => (
        <TreeCard
          key={tree.infohash}
          tree={tree}
          isNewest={newest.get(tree.name) === tree.generation}
        />
      ))}
    </div>
  );
}

function TreeCard({ tree, isNewest }: { readonly tree: Tree; readonly isNewest: boolean }) {
  const { name, generation, totalSize, fileCount, createdAt, changedFiles } = tree;
  return (
    <div class={changedFiles.length > 0 ? 'card bad' : 'card'}>
      <h3>
        {name} <small>generation {generation}</small>
        {isNewest && <small class="tag">newest</small>}
      </h3>
      <p>
        {formatBytes(totalSize)} in {fileCount} files
      </p>
      <p class="muted">added {formatTime(Date.parse(createdAt))}</p>
      {changedFiles.length === 0 ? (
        <p class="good">✓ whole: no file was found changed</p>
      ) : (
        <details>
          <summary class="problem">
            {changedFiles.length} files have changed since, and are not served
          </summary>
          <ul>
            {changedFiles.map((path) => (
              <li key={path}>
                <code>{path}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Reload({ onDone }: { readonly onDone: () => void }) {
  const now = useStore(session);
  const [problem, setProblem] = useState<string>();
  if (now.kind !== 'in' || !may(now.operator, 'admin')) return null;
  const reload = (): void => {
    ask('POST', apiPath('/trees/reload')).then(onDone, (error: unknown) => {
      noteRefusal(error);
      setProblem(messageOf(error));
    });
  };
  return (
    <>
      <button type="button" onClick={reload}>
        Take in what has changed
      </button>
      {problem !== undefined && <Problem reason={problem} />}
    </>
  );
}

function Profiles({ profiles }: { readonly profiles: readonly Profile[] }) {
  const { state } = useStore(watched);
  const [attributes] = useAnswer<{ readonly attributes: readonly Attribute[] }>(
    apiPath('/attributes'),
    profiles,
  );
  const set = attributes.kind === 'there' ? attributes.value.attributes : [];
  const given = Map.groupBy(state.nodes.values(), profileOf(set));
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

function Images({ images }: { readonly images: readonly Image[] }) {
  if (images.length === 0) {
    return (
      <Empty text="None was built here.">
        <p>
          <code>scree image build</code> builds what goes behind an installer’s own ramdisk.
        </p>
      </Empty>
    );
  }
  return (
    <div class="cards">
      {images.map(
        ({ version, architecture, frontend, sizeBytes, unpackedBytes, keyId, isThere }) => (
          <div class={isThere ? 'card' : 'card bad'} key={`${version} ${architecture}`}>
            <h3>
              agent {version} <small>{architecture}</small>
            </h3>
            <p>
              {formatBytes(sizeBytes)}, {formatBytes(unpackedBytes)} in memory
            </p>
            <p class="muted">
              for {frontend ?? 'any frontend'}, trusts key {keyId.slice(0, 12)}…
            </p>
            {!isThere && <p class="problem">The file is gone, or not the one that was built.</p>}
          </div>
        ),
      )}
    </div>
  );
}
