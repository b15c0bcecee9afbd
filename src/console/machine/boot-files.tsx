import type { InferOutput } from 'valibot';
import type { bootFilesSchema } from '../../frontend/http/api/schemas.ts';
import { formatBytes } from '../../runtime/units.ts';
import { apiPath } from '../data/api.ts';
import { useAnswer } from '../data/load.ts';
import { Problem } from '../parts/notices.tsx';
import { Text } from '../parts/scroll.tsx';

type Documents = InferOutput<typeof bootFilesSchema>;

const kinds = {
  local: 'It boots its disk.',
  kernel: 'It boots a kernel over the network.',
  wait: 'It waits for an operator.',
};

/** What its loader would be told now, and where the files are. */
export function BootFiles({ name, version }: { readonly name: string; readonly version: string }) {
  const [loaded, again] = useAnswer<Documents>(apiPath('/nodes/{name}/boot-files', name), version);
  if (loaded.kind === 'loading') return null;
  if (loaded.kind === 'failed') return <Problem reason={loaded.reason} onAgain={again} />;
  const { kind, args, warning, files, links } = loaded.value;
  return (
    <section>
      <h2>Boot files</h2>
      <p>{kinds[kind]}</p>
      {warning !== null && <p class="problem">{warning}</p>}
      {files.length > 0 && (
        <ul class="files">
          {files.map((file) => (
            <li key={file.name} class={file.foundAt === null ? 'bad' : undefined}>
              <code>{file.name}</code>{' '}
              {file.foundAt === null
                ? (file.reason ?? 'not there')
                : `${formatBytes(file.sizeBytes ?? 0)}, from ${file.foundAt}`}
            </li>
          ))}
        </ul>
      )}
      {args !== null && <Text label="Kernel arguments">{args}</Text>}
      {links.length > 0 && (
        <>
          <h3>Its own root</h3>
          <ul class="files">
            {links.map((link) => (
              <li key={link.name} class={link.kind === 'nothing' ? 'bad' : undefined}>
                <code>{link.name}</code> {link.target !== null && <>→ {link.target} </>}
                {link.kind === 'nothing'
                  ? link.reason
                  : link.kind === 'file'
                    ? formatBytes(link.sizeBytes ?? 0)
                    : 'folder'}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
