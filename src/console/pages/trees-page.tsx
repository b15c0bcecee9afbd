import { useState } from 'preact/hooks';
import type { InferOutput } from 'valibot';
import type { imageSchema } from '../../frontend/http/api/schemas.ts';
import { formatBytes } from '../../runtime/units.ts';
import { apiPath, ask, messageOf } from '../data/api.ts';
import { type Loaded, useAnswer } from '../data/load.ts';
import { may, noteRefusal, session } from '../data/session.ts';
import { useStore } from '../data/store.ts';
import { useFresh } from '../data/use-fresh.ts';
import { Empty, Loading, Problem } from '../parts/notices.tsx';
import { type Profile, Profiles } from './profile-cards.tsx';
import { Trees, type TreesAnswer } from './tree-cards.tsx';

type Image = InferOutput<typeof imageSchema>;

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
