import { useEffect, useState } from 'preact/hooks';
import type { InferOutput } from 'valibot';
import type { scriptSchema } from '../../frontend/http/api/schemas.ts';
import { apiPath, ask, messageOf } from '../data/api.ts';
import { useAnswer } from '../data/load.ts';
import { may, noteRefusal, session } from '../data/session.ts';
import { useStore } from '../data/store.ts';
import { Problem } from '../parts/notices.tsx';
import { Text } from '../parts/scroll.tsx';

type ScriptDocument = InferOutput<typeof scriptSchema>;

/** What its installer would be sent now: secrets are left out until somebody who may asks for them. */
export function Script({ name, version }: { readonly name: string; readonly version: string }) {
  const path = apiPath('/nodes/{name}/script', name);
  const [loaded, again] = useAnswer<ScriptDocument>(path, version);
  const [exact, setExact] = useState<ScriptDocument>();
  const [problem, setProblem] = useState<string>();
  const now = useStore(session);
  useEffect(() => setExact(undefined), [version]);
  const reveal = (): void => {
    ask<ScriptDocument>('POST', path).then(setExact, (error: unknown) => {
      noteRefusal(error);
      setProblem(messageOf(error));
    });
  };
  const mayReveal = now.kind === 'in' && may(now.operator, 'admin');
  return (
    <section>
      <h2>Install script</h2>
      {loaded.kind === 'failed' && <Problem reason={loaded.reason} onAgain={again} />}
      {loaded.kind === 'there' && (
        <>
          <p class="muted">
            {loaded.value.output},{' '}
            {exact === undefined
              ? 'as it is now; secrets and the token of its install are left out.'
              : 'byte for byte what it would be sent, secrets included.'}
          </p>
          <div class="buttons">
            {exact === undefined ? (
              <button type="button" disabled={!mayReveal} onClick={reveal}>
                Show secrets{mayReveal ? '' : ' (takes the scope “admin”)'}
              </button>
            ) : (
              <button type="button" onClick={() => setExact(undefined)}>
                Hide secrets
              </button>
            )}
          </div>
          {problem !== undefined && <Problem reason={problem} />}
          <Texts script={exact ?? loaded.value} />
        </>
      )}
    </section>
  );
}

function Texts({ script: { text, files } }: { readonly script: ScriptDocument }) {
  return (
    <>
      <Text label="Install script">{text}</Text>
      {files
        .filter((file) => file.text !== '' && file.text !== text)
        .map((file) => (
          <details key={file.name}>
            <summary>{file.name}</summary>
            <Text label={file.name}>{file.text}</Text>
          </details>
        ))}
    </>
  );
}
