import { formatBytes } from '../runtime/units.ts';
import type { FlowStats, TrackerStats } from './types.ts';

export type FlowView = {
  readonly title: string;
  readonly about: string;
  readonly receivers: readonly string[];
  readonly rows: readonly {
    readonly source: string;
    readonly cells: readonly {
      readonly text: string;
      /** From 0 to 10: how much of the largest cell it is, for the eye. */
      readonly weight: number;
    }[];
    readonly total: string;
  }[];
};

/** A matrix with more columns is nothing that a person can read. */
const mostColumns = 40;
const weights = 10;

/** Who feeds whom: by node while they fit, else by rack; undefined before anything was told. */
export function planFlows({ flows }: Pick<TrackerStats, 'flows'>): FlowView | undefined {
  const { byNode, byRack } = flows;
  const isByNode = byNode !== null && byNode.receivers.length <= mostColumns;
  const shown = isByNode ? byNode : byRack;
  if (shown.bytes.length === 0) return undefined;
  const unit = isByNode ? 'node' : 'rack';
  return {
    title: `Who feeds whom, by ${unit}`,
    about: `A row for each ${unit} that gave, a column for each that got, as the receivers tell it`,
    receivers: shown.receivers,
    rows: planRows(shown),
  };
}

function planRows({ sources, bytes }: FlowStats): FlowView['rows'] {
  const most = bytes.flat().reduce((one, other) => Math.max(one, other), 1);
  return sources.map((source, row) => {
    const sums = bytes[row] ?? [];
    return {
      source,
      cells: sums.map((sizeBytes) => ({
        text: sizeBytes === 0 ? '' : formatBytes(sizeBytes),
        weight: Math.ceil((weights * sizeBytes) / most),
      })),
      total: formatBytes(sums.reduce((sum, sizeBytes) => sum + sizeBytes, 0)),
    };
  });
}
