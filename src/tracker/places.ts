import { isIPv4 } from 'node:net';
import { formatEndpoint, isLoopback } from './address.ts';
import { addressBytes, readAddress, writeAddress } from './address-bytes.ts';
import { othersName } from './flow-matrix.ts';
import type { Place } from './types.ts';

/** Where machines are, and what they are called. */
export type Places = {
  /** `rack 3` where that is known, else the machine's network: `10.1.3.0/24`, `fd00::/64`. */
  readonly rackOf: (address: string) => string;
  /** 28 bits; two racks that get the same are one to the hand-out, and nothing else is wrong. */
  readonly rackNumberOf: (address: string) => number;
  /** The node's name, else its address; on loopback, which many share, with the port. */
  readonly nodeOf: (of: { readonly address: string; readonly port: number }) => string;
};

export function createPlaces(deps: {
  readonly placeOf: (address: string) => Place | undefined;
  readonly isInNetworks: (address: string) => boolean;
}): Places {
  const isKnown = (address: string) => isLoopback(address) || deps.isInNetworks(address);
  const rackOf = (address: string): string => {
    const rack = deps.placeOf(address)?.rack;
    if (rack !== undefined) return `rack ${rack}`;
    return isKnown(address) ? networkOf(address) : othersName;
  };
  return {
    rackOf,
    rackNumberOf: (address) => hash28(rackOf(address)),
    nodeOf: ({ address, port }) => {
      const node = deps.placeOf(address)?.node;
      if (node !== undefined) return node;
      if (isLoopback(address)) return formatEndpoint(address, port);
      return isKnown(address) ? address : othersName;
    },
  };
}

const networkBytes = 8;
const scratch = new Uint8Array(addressBytes);

function networkOf(address: string): string {
  if (isIPv4(address)) return `${address.slice(0, address.lastIndexOf('.'))}.0/24`;
  writeAddress(scratch, 0, address);
  scratch.fill(0, networkBytes);
  return `${readAddress(scratch, 0)}/64`;
}

/** FNV-1a, by Fowler, Noll and Vo. */
function hash28(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash ^ (hash >>> 28)) & 0x0fff_ffff;
}
