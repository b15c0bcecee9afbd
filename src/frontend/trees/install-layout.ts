import { placeOrder } from '../orders/learn-order.ts';

/** What the machines of one role read of a tree, in their order. */
export type RoleOrder = { readonly role: string; readonly paths: readonly string[] };

/**
 * The order of a torrent's files in which everything that a role reads lies together. A piece holds
 * what stands side by side, so a file that only one role reads should not lie between files of
 * another: machines would fetch both. Files that the same roles read follow each other as the first
 * of these roles reads them, those of most roles first; at the end, in their former order, what
 * nobody has read. Pure.
 */
export function planInstallLayout<File extends { readonly path: string }>(
  files: readonly File[],
  orders: readonly RoleOrder[],
): readonly File[] {
  const readers = readersOf(files, orders);
  const placed = files.map((file, at) => ({ file, at, readers: readers[at] ?? [] }));
  placed.sort((one, other) => compareReaders(one.readers, other.readers) || one.at - other.at);
  return placed.map(({ file }) => file);
}

/** A role, by its place among the orders, and when its machines come to a file. */
type Reader = { readonly role: number; readonly turn: number };

function readersOf(
  files: readonly { readonly path: string }[],
  orders: readonly RoleOrder[],
): readonly (readonly Reader[])[] {
  const readers: Reader[][] = files.map(() => []);
  const paths = files.map((file) => file.path);
  for (const [role, order] of orders.entries()) {
    for (const [turn, at] of placeOrder(order.paths, paths).entries()) {
      readers[at]?.push({ role, turn });
    }
  }
  return readers;
}

function compareReaders(one: readonly Reader[], other: readonly Reader[]): number {
  if (one.length !== other.length) return other.length - one.length;
  for (const [at, { role }] of one.entries()) {
    const difference = role - (other[at]?.role ?? 0);
    if (difference !== 0) return difference;
  }
  return (one[0]?.turn ?? 0) - (other[0]?.turn ?? 0);
}
