import type { Place } from '../tracker/types.ts';
import type { Nodes } from './nodes/node-index.ts';

/** Where the machine at an address is, for the tracker; undefined for one that is no node. */
export function createPlaceOf(
  nodes: Pick<Nodes, 'byAddress'>,
): (address: string) => Place | undefined {
  return (address) => {
    const node = nodes.byAddress(address);
    return node && { node: node.name, rack: node.rack };
  };
}
