import type { MachineNode } from './types.ts';

/** One node as it was and as it is; `before` is missing for a new one, `after` for a removed one. */
export type NodeChange = {
  readonly before: MachineNode | undefined;
  readonly after: MachineNode | undefined;
};

/** All nodes in memory, found by whatever a packet or a request names. */
export type Nodes = {
  readonly byName: (name: string) => MachineNode | undefined;
  /** Lower case with colons. */
  readonly byMac: (mac: string) => MachineNode | undefined;
  /** Lower case. */
  readonly byUuid: (uuid: string) => MachineNode | undefined;
  readonly byAddress: (address: string) => MachineNode | undefined;
  /** In the order of people: `compute-0-2` stands before `compute-0-10`. */
  readonly all: () => readonly MachineNode[];
};

const byNumbersInNames = new Intl.Collator('en', { numeric: true });

export class NodeIndex implements Nodes {
  readonly #names = new Map<string, MachineNode>();
  readonly #macs = new Map<string, MachineNode>();
  readonly #uuids = new Map<string, MachineNode>();
  readonly #addresses = new Map<string, MachineNode>();
  /** Undefined: to be sorted anew. */
  #order: readonly string[] | undefined;
  #sorted: readonly MachineNode[] | undefined;

  readonly byName = (name: string) => this.#names.get(name);
  readonly byMac = (mac: string) => this.#macs.get(mac);
  readonly byUuid = (uuid: string) => this.#uuids.get(uuid);
  readonly byAddress = (address: string) => this.#addresses.get(address);

  readonly all = (): readonly MachineNode[] => {
    this.#order ??= [...this.#names.keys()].toSorted(byNumbersInNames.compare);
    this.#sorted ??= this.#order.flatMap((name) => this.#names.get(name) ?? []);
    return this.#sorted;
  };

  /** The changes may pass a MAC or an address from one node to another. */
  apply(changes: readonly NodeChange[]): void {
    this.#sorted = undefined;
    // Most changes are of boot states: a thousand names are not sorted for each of them.
    if (changes.some(({ before, after }) => before?.name !== after?.name)) this.#order = undefined;
    for (const { before } of changes) if (before !== undefined) this.#take(before);
    for (const { after } of changes) if (after !== undefined) this.#put(after);
  }

  #take(node: MachineNode): void {
    this.#names.delete(node.name);
    for (const mac of node.macs) this.#macs.delete(mac);
    if (node.uuid !== undefined) this.#uuids.delete(node.uuid);
    if (node.address !== undefined) this.#addresses.delete(node.address);
  }

  #put(node: MachineNode): void {
    this.#names.set(node.name, node);
    for (const mac of node.macs) this.#macs.set(mac, node);
    if (node.uuid !== undefined) this.#uuids.set(node.uuid, node);
    if (node.address !== undefined) this.#addresses.set(node.address, node);
  }
}

/** Just these nodes. */
export function indexOf(nodes: readonly MachineNode[]): Nodes {
  const index = new NodeIndex();
  index.apply(nodes.map((after) => ({ before: undefined, after })));
  return index;
}
