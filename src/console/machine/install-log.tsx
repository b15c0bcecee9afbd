import { apiPath } from '../data/api.ts';
import { useAnswer } from '../data/load.ts';
import { Text } from '../parts/scroll.tsx';

/** The end of what its installer wrote, when its install has failed. */
export function InstallLog({ name, version }: { readonly name: string; readonly version: string }) {
  const [loaded] = useAnswer<{ readonly text: string }>(
    apiPath('/nodes/{name}/install-log', name),
    version,
  );
  if (loaded.kind === 'loading') return null;
  return (
    <section>
      <h2>The installer’s last lines</h2>
      {loaded.kind === 'failed' ? (
        <p class="muted">{loaded.reason}</p>
      ) : (
        <Text label="The installer’s last lines">{loaded.value.text}</Text>
      )}
    </section>
  );
}
