import type { Peers } from './peer-handout.ts';

const nothing: readonly number[] = [];

/** Several lists read as one; the list itself where there is only one. */
export function joinLists(lists: readonly (readonly number[] | undefined)[]): Peers<number> {
  const some = lists.filter((list) => list !== undefined && list.length > 0) as number[][];
  const [only = nothing] = some;
  if (some.length <= 1) return only;
  const length = some.reduce((sum, list) => sum + list.length, 0);
  return {
    length,
    at: (index) => {
      let rest = index;
      for (const list of some) {
        if (rest < list.length) return list[rest];
        rest -= list.length;
      }
      return undefined;
    },
  };
}
