import { type MatrixView, planMatrix } from './matrix-view.ts';
import { planRackShares, type RackShareView } from './rack-share-view.ts';
import type { TrackerStats } from './types.ts';

export type FlowView = {
  /** Nothing was told yet. */
  readonly isEmpty: boolean;
  readonly racks: readonly RackShareView[];
  readonly matrices: readonly {
    readonly title: string;
    readonly about: string;
    readonly matrix: MatrixView;
  }[];
};

/** Who feeds whom: by rack, where there is more than one or nodes are too many, and by node. */
export function planFlows({ flows }: Pick<TrackerStats, 'flows'>): FlowView {
  const { byNode, byRack } = flows;
  const isEmpty = byRack.bytes.length === 0;
  const isOneRack = byNode !== null && byRack.receivers.length <= 1;
  const racked = { ...byRack, sourceRacks: byRack.sources, receiverRacks: byRack.receivers };
  const matrices = [
    ...(isOneRack ? [] : [{ what: 'rack', matrix: planMatrix(racked, true) }]),
    ...(byNode === null ? [] : [{ what: 'node', matrix: planMatrix(byNode, false) }]),
  ];
  return {
    isEmpty,
    racks: isEmpty || isOneRack ? [] : planRackShares(byRack),
    matrices: isEmpty ? [] : matrices.map(describe),
  };
}

function describe({ what, matrix }: { readonly what: string; readonly matrix: MatrixView }) {
  return {
    title: `By ${what}, in ${matrix.unit}`,
    about: `A row for each ${what} that gave, a column for each that got, as the receivers tell it.`,
    matrix,
  };
}
