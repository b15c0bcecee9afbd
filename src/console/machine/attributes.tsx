import { useState } from 'preact/hooks';
import type { InferOutput } from 'valibot';
import type { resolvedSchema } from '../../frontend/http/api/schemas.ts';
import { apiPath } from '../data/api.ts';
import { useAnswer } from '../data/load.ts';
import { Empty, Problem } from '../parts/notices.tsx';
import { Table } from '../parts/table.tsx';

type Resolved = InferOutput<typeof resolvedSchema>;
type Attribute = Resolved['attributes'][number];

/** Every attribute that holds for it, and where that comes from. */
export function Attributes({ name, version }: { readonly name: string; readonly version: string }) {
  const [loaded, again] = useAnswer<Resolved>(apiPath('/nodes/{name}/attributes', name), version);
  const [search, setSearch] = useState('');
  if (loaded.kind === 'loading') return null;
  if (loaded.kind === 'failed') return <Problem reason={loaded.reason} onAgain={again} />;
  const { attributes, profile, os } = loaded.value;
  const shown = attributes.filter((each) => each.name.includes(search.trim().toLowerCase()));
  return (
    <section>
      <h2>
        Attributes <small>{attributes.length}</small>
      </h2>
      <p class="muted">
        Profile {profile}
        {os !== null && `, operating system ${os}`}
      </p>
      <input
        type="search"
        aria-label="Filter attributes"
        placeholder="Filter by name"
        value={search}
        onInput={({ currentTarget }) => setSearch(currentTarget.value)}
      />
      {shown.length === 0 && <Empty text="None is called like that." />}
      <Table label="Attributes" columns={['Name', 'Value', 'From']}>
        {shown.map((each) => (
          <Row key={each.name} attribute={each} />
        ))}
      </Table>
    </section>
  );
}

function Row({ attribute: { name, value, origin, isSecret } }: { readonly attribute: Attribute }) {
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class={isSecret ? 'muted' : 'value'}>{text}</td>
      <td>
        {origin.kind}
        {origin.target !== null && ` ${origin.target}`}
      </td>
    </tr>
  );
}
