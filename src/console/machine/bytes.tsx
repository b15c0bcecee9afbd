import type { WatchedNode } from '../../cli/watch-model.ts';
import { formatBytes } from '../../runtime/units.ts';

const sources = [
  ['rack', 'own rack'],
  ['peers', 'other racks'],
  ['frontend', 'frontend’s pieces'],
  ['fallback', 'frontend by HTTP'],
] as const;

/** Where what it received came from: the figures beside the bar, so that no colour is needed. */
export function Bytes({
  bytes,
}: {
  readonly bytes: NonNullable<WatchedNode['progress']>['bytes'];
}) {
  const all = bytes.rack + bytes.peers + bytes.frontend + bytes.fallback;
  if (all === 0) return null;
  return (
    <div class="bytes">
      <div class="bar" aria-hidden="true">
        {sources.map(([key]) => (
          <i key={key} class={`from-${key}`} style={{ flexGrow: bytes[key] / all }} />
        ))}
      </div>
      <ul>
        {sources.map(([key, text]) => (
          <li key={key}>
            <i class={`from-${key}`} aria-hidden="true" /> {text}: {formatBytes(bytes[key])} (
            {Math.round((100 * bytes[key]) / all)} %)
          </li>
        ))}
      </ul>
    </div>
  );
}
