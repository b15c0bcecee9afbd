import type { Metainfo } from '../protocol/metainfo.ts';
import { createStreamLayout } from '../protocol/stream-layout.ts';
import type { TreeSwarm } from '../swarm/types.ts';
import { createInstallOrder, type InstallOrderDeps } from './install-order.ts';

/** The order in which a tree's files are asked for, by their paths and by where they lie. */
export type TreeOrder = {
  /** The installer reads this file, until it calls what is returned. */
  readonly begin: (path: string) => () => void;
  readonly close: () => void;
};

export type TreeOrderConfig = {
  readonly tree: string;
  readonly generation: number;
  readonly role: string;
  readonly files: Metainfo['files'];
};

export function createTreeOrder(
  deps: Omit<InstallOrderDeps, 'expect'> & { readonly expect: TreeSwarm['expect'] },
  { files, ...config }: TreeOrderConfig,
): TreeOrder {
  const layout = createStreamLayout(files.map(({ sizeBytes }) => sizeBytes));
  const rangeOf = (place: number) => ({
    startByte: layout.offsetOf(place),
    endByte: layout.offsetOf(place + 1),
  });
  const places = new Map(files.map(({ path }, place) => [path, place]));
  const expect = (order: readonly number[], isWhole: boolean): void =>
    deps.expect(order.map(rangeOf), isWhole);
  const order = createInstallOrder({ ...deps, expect }, { ...config, fileCount: files.length });
  return {
    begin: (path) => {
      const place = places.get(path);
      return place === undefined ? () => {} : order.begin(place);
    },
    close: order.close,
  };
}
