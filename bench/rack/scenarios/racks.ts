import type { Scenario, Situation, Size } from '../scenario.ts';
import { planSituation } from '../situation.ts';

const rackCount = 4;
const oversubscription = 4;

/** Each rack is a network of its own, by which the tracker knows it. */
export const racks: Scenario = {
  name: 'racks',
  about: `${rackCount} racks behind uplinks of ${oversubscription}:1, the frontend in none`,
  systems: ['scree', 'libtorrent'],
  takesAll: true,
  sizes: [{ nodes: 32, rateBitsPerSecond: 10e6 }],
  treeSizeBytes: 32 * 2 ** 20,
  beside: ['racks-unknown'],
  plan: (size) => planRacks(size, ({ rack, rank }) => `10.88.${rack + 1}.${rank + 1}`),
  goals: () => ({ ratio: 1.15, intoBusiestRack: 1.15 }),
};

/** The same wires, but all nodes in one network: nobody can know which of them are near. */
export const racksUnknown: Scenario = {
  ...racks,
  name: 'racks-unknown',
  about: 'the same, where the frontend does not know the racks',
  systems: ['scree'],
  beside: [],
  plan: (size) => planRacks(size, ({ index }) => `10.88.1.${index + 1}`),
  goals: () => ({}),
};

type Place = { readonly index: number; readonly rack: number; readonly rank: number };

function planRacks(size: Size, addressOf: (place: Place) => string): Situation {
  const flat = planSituation(size);
  const perRack = Math.ceil(size.nodes / rackCount);
  const rackNames = Array.from(
    { length: Math.ceil(size.nodes / perRack) },
    (_, at) => `rack-${at}`,
  );
  return {
    ...flat,
    nodes: flat.nodes.map((node, index) => {
      const rack = Math.floor(index / perRack);
      const ip = addressOf({ index, rack, rank: index % perRack });
      return { ...node, ip, uplink: `rack-${rack}` };
    }),
    uplinks: rackNames.map((name) => ({
      name,
      rateBitsPerSecond: (perRack * size.rateBitsPerSecond) / oversubscription,
    })),
  };
}
