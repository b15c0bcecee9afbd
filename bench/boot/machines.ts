/** A pretend machine. */
export type Machine = { readonly name: string; readonly mac: string; readonly address: string };

/** Locally administered; machine number n has this address + n, as perfdhcp counts. */
export const firstMac = '02:5c:00:00:00:00';

/** All addresses lie in the rack's 10.88.0.0/16: hosts in 10.88.0, nodes in 10.88.16 to 63. */
export const dynamicRange = { first: '10.88.64.0', last: '10.88.191.255' } as const;

export const mostMachines = 48 * 256;

/** Number 0 to `mostMachines` - 1. */
export function machineAt(index: number): Machine {
  const low = index.toString(16).padStart(8, '0').match(/../g) ?? [];
  return {
    name: `compute-${Math.floor(index / 250)}-${index % 250}`,
    mac: ['02', '5c', ...low].join(':'),
    address: `10.88.${16 + (index >> 8)}.${index & 255}`,
  };
}

export function machinesUpTo(count: number): Machine[] {
  return Array.from({ length: count }, (_, index) => machineAt(index));
}
