import type { Place } from '../tracker/types.ts';
import type { Who } from './boot/who.ts';

/** Where the machine at an address is, for the tracker; undefined for one that is no node. */
export function createPlaceOf(who: Who): (address: string) => Place | undefined {
  return (address) => {
    const { node } = who(address);
    return node && { node: node.name, rack: node.rack };
  };
}
