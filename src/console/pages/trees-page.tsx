import { useState } from 'preact/hooks';
import type { InferOutput } from 'valibot';
import type { imageSchema } from '../../frontend/http/api/schemas.ts';
import { formatBytes } from '../../runtime/units.ts';
import { apiPath, ask, messageOf } from '../data/api.ts';
import { useServed } from '../data/served.ts';
import { may, noteRefusal, session } from '../data/session.ts';
import { useStore } from '../data/store.ts';
import { Empty, Loading, Problem } from '../parts/notices.tsx';
import { Profiles } from './profile-cards.tsx';
import { Trees } from './tree-cards.tsx';

type Image = InferOutput<typeof imageSchema>;

/** What is served, and what of it is given to whom, live. */
export function TreesPage() {
  const served = useServed();
  if (served === undefined) return <Loading what="trees and profiles" />;
  const { trees, profiles, profileAttributes, images } = served;
  return (
    <article>
      <h1>Trees & profiles</h1>
      <section>
        <h2>Package trees</h2>
        <Trees trees={trees.trees} broken={trees.broken} />
        <Reload />
      </section>
      <section>
        <h2>Profiles</h2>
        <Profiles profiles={profiles} profileAttributes={profileAttributes} />
      </section>
      <section>
        <h2>Images of the agent</h2>
        <Images images={images} />
      </section>
    </article>
  );
}

/** What is taken in shows by itself. */
function Reload() {
  const now = useStore(session);
  const [problem, setProblem] = useState<string>();
  if (now.kind !== 'in' || !may(now.operator, 'admin')) return null;
  const reload = (): void => {
    setProblem(undefined);
    ask('POST', apiPath('/trees/reload')).catch((error: unknown) => {
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
