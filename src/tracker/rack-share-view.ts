import { formatBytes } from '../runtime/units.ts';
import { frontendName, othersName } from './flow-matrix.ts';
import { type BarPart, percentOf } from './share-view.ts';
import type { FlowStats } from './types.ts';

export type RackShareView = {
  readonly rack: string;
  readonly received: string;
  readonly bar: readonly BarPart[];
  /** `92.1 %`, each. */
  readonly rackShare: string;
  readonly racksShare: string;
  readonly frontendShare: string;
  /** What it sent to other racks, over its uplink. */
  readonly gave: string;
};

/** For each rack, where its bytes came from, and what it gave to others. */
export function planRackShares({ sources, receivers, bytes }: FlowStats): readonly RackShareView[] {
  return receivers.map((rack, column) => {
    const split = { rack: 0, racks: 0, frontend: 0 };
    for (const [row, source] of sources.entries()) {
      const isOwn = source === rack && source !== othersName;
      const kind = source === frontendName ? 'frontend' : isOwn ? 'rack' : 'racks';
      split[kind] += bytes[row]?.[column] ?? 0;
    }
    const all = split.rack + split.racks + split.frontend;
    const given = (bytes[sources.indexOf(rack)] ?? []).filter((_, to) => to !== column);
    const share = (kind: keyof typeof split) => `${percentOf(split[kind], all, 1)} %`;
    return {
      rack,
      received: formatBytes(all),
      bar: (['rack', 'racks', 'frontend'] as const)
        .filter((kind) => split[kind] > 0)
        .map((kind) => ({ kind, percent: percentOf(split[kind], all, 2) })),
      rackShare: share('rack'),
      racksShare: share('racks'),
      frontendShare: share('frontend'),
      gave: formatBytes(given.reduce((one, other) => one + other, 0)),
    };
  });
}
