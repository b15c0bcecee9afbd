import { planInstallLayout } from '../../frontend/trees/install-layout.ts';
import { createRandom, shuffle } from '../random.ts';
import type { PlannedFile } from '../tree-plan.ts';
import type { SimulateOptions } from './options.ts';

export type ModelRoles = {
  /** In the order of the torrent. */
  readonly files: readonly PlannedFile[];
  /** What the nodes of each role ask for, in their order; nodes have the roles in turn. */
  readonly orders: readonly (readonly PlannedFile[])[];
};

/**
 * Who wants what. Where nodes want a part of the tree there are two roles, half of whose files are
 * the same ones, chosen by chance.
 */
export function planRoles(
  files: readonly PlannedFile[],
  { part, scattered, seed }: Pick<SimulateOptions, 'part' | 'scattered' | 'seed'>,
): ModelRoles {
  if (part === 1) return { files, orders: [files] };
  const drawn = shuffle(files, createRandom(seed + 2));
  const orders = [0, part / 2].map((from) => betweenShares(drawn, from, from + part));
  const roles = orders.map((order, at) => ({
    role: String(at),
    paths: order.map((file) => file.path),
  }));
  return { files: scattered ? files : planInstallLayout(files, roles), orders };
}

/** Those that begin within these shares of all bytes. */
function betweenShares(files: readonly PlannedFile[], from: number, to: number) {
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  let startByte = 0;
  return files.filter(({ sizeBytes }) => {
    const share = startByte / totalBytes;
    startByte += sizeBytes;
    return share >= from && share < to;
  });
}
