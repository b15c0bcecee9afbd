import type { RunDocument } from '../../frontend/runs/documents.ts';
import { formatBytes } from '../../runtime/units.ts';
import { machineLink } from '../data/route.ts';
import { formatDuration } from '../data/times.ts';
import { Table } from '../parts/table.tsx';
import { type Slow, slowest } from './slowest.ts';

const outcomes = { running: 'installing', done: 'done', failed: 'failed', 'given-up': 'given up' };

/** Which machines have failed or took longest, and where they lost their time. */
export function SlowNodes({ run, nowMs }: { readonly run: RunDocument; readonly nowMs: number }) {
  const hasFailed = run.nodes.some(({ outcome }) => outcome === 'failed');
  const title = hasFailed ? 'Failed and slowest machines' : 'Slowest machines';
  return (
    <section>
      <h2>{title}</h2>
      <Table
        label={title}
        columns={['Machine', 'State', 'Took', 'Why', 'Packages', 'From the frontend']}
      >
        {slowest(run.nodes, nowMs).map((slow) => (
          <Row key={slow.node.name} slow={slow} />
        ))}
      </Table>
    </section>
  );
}

function Row({ slow: { node, tookMs, lost, behindPackages } }: { readonly slow: Slow }) {
  const { name, outcome, reason, packages, bytes } = node;
  const why =
    lost === undefined ? '' : `${lost.phase}: ${formatDuration(lost.moreMs)} more than usual`;
  const behind = behindPackages === 0 ? '' : `${behindPackages} packages behind the usual`;
  return (
    <tr>
      <th scope="row">
        <a href={machineLink(name)}>{name}</a>
      </th>
      <td class={outcome === 'failed' ? 'problem' : undefined}>{outcomes[outcome]}</td>
      <td>{formatDuration(tookMs)}</td>
      <td>{[reason, why, behind].filter(Boolean).join('; ') || '–'}</td>
      <td>
        {packages === null
          ? '–'
          : `${packages.done}${packages.total === null ? '' : ` of ${packages.total}`}`}
      </td>
      <td>{formatBytes(bytes.frontend + bytes.fallback)}</td>
    </tr>
  );
}
