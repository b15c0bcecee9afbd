import { limitMs } from '../../src/simulator/simulate/limit.ts';
import { planRoles } from '../../src/simulator/simulate/model-roles.ts';
import { countWanted, type Wanted } from '../../src/simulator/simulate/wanted.ts';
import { wireOverhead } from '../../test/support/limit-seconds.ts';
import type { BenchFile } from '../support/tree.ts';
import type { Options } from './options.ts';

/** What nodes of two roles want of a tree; they have the roles in turn. */
export type RolesPlan = {
  readonly roles: readonly Role[];
  readonly wanted: Wanted;
  /** What no system can beat, for what they want. */
  readonly limitSeconds: number;
  /** Of files, through the frontend's port. */
  readonly frontendBytesPerSecond: number;
};

export type Role = {
  readonly name: string;
  /** In the order in which its nodes ask for them. */
  readonly paths: readonly string[];
};

/** The same as `scree simulate --part` has, by chance, with the files where the tree has them. */
export function planBenchRoles(
  files: readonly BenchFile[],
  { part, seed, nodes, rateBitsPerSecond }: Options,
): RolesPlan {
  const { orders } = planRoles(files, { part, seed, scattered: true });
  const placed = placeFiles(files);
  const places = orders.map((order) => order.flatMap(({ path }) => placed.get(path) ?? []));
  const ofNodes = Array.from({ length: nodes }, (_, at) => ({
    files: places[at % places.length] ?? [],
  }));
  const wanted = countWanted(ofNodes, undefined);
  const bytesPerSecond = rateBitsPerSecond / 8;
  const limit = limitMs({
    wanted,
    frontendBytesPerSecond: bytesPerSecond,
    nodeBytesPerSecond: bytesPerSecond,
    startsMs: ofNodes.map(() => 0),
    othersBytesPerSecond: 0,
    uplinkBytesPerSecond: undefined,
    scale: 1,
    goneAtMs: 0,
    goneForMs: 0,
  });
  return {
    roles: orders.map((order, at) => ({
      name: `role-${at + 1}`,
      paths: order.map(({ path }) => path),
    })),
    wanted,
    limitSeconds: limit / 1000,
    frontendBytesPerSecond: bytesPerSecond / wireOverhead,
  };
}

function placeFiles(files: readonly BenchFile[]) {
  let startByte = 0;
  return new Map(
    files.map(({ path, sizeBytes }) => {
      const place = { startByte, endByte: startByte + sizeBytes };
      startByte = place.endByte;
      return [path, place] as const;
    }),
  );
}
