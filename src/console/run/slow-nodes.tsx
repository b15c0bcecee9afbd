import type { RunDocument } from '../../frontend/runs/documents.ts';
import { formatBytes } from '../../runtime/units.ts';
import { machineLink } from '../data/route.ts';
import { formatDuration } from '../data/times.ts';
import { Table } from '../parts/table.tsx';
import { type Slow, slowest } from './slowest.ts';

const outcomes = { running: 'installing', done: 'done', failed: 'failed', 'given-up': 'given up' };

/** Which machines took longest, and where they lost their time. */
export function SlowNodes({ run, nowMs }: { readonly run: RunDocument; readonly nowMs: number }) {
  return (
    <section>
      <h2>Slowest machines</h2>
      <Table
        label="Slowest machines"
        columns={['Machine', 'State', 'Took', 'Why', 'Packages', 'From the frontend']}
      >
        {slowest(run.nodes, nowMs).map((slow) => (
          <Row key={slow.node.name} slow={slow} />
        ))}
      </Table>
    </section>
  );
}

function Row({ slow: { node, tookMs, lost } }: { readonly slow: Slow }) {
  const { name, outcome, reason, packages, bytes } = node;
  const why =
    lost === undefined ? '' : `${lost.phase}: ${formatDuration(lost.moreMs)} more than usual`;
  return (
    <tr>
      <th scope="row">
        <a href={machineLink(name)}>{name}</a>
      </th>
      <td class={outcome === 'failed' ? 'problem' : undefined}>{outcomes[outcome]}</td>
      <td>{formatDuration(tookMs)}</td>
      <td>{[reason, why].filter(Boolean).join('; ') || '–'}</td>
      <td>
        {packages === null
          ? '–'
          : `${packages.done}${packages.total === null ? '' : ` of ${packages.total}`}`}
      </td>
      <td>{formatBytes(bytes.frontend + bytes.fallback)}</td>
    </tr>
  );
}
