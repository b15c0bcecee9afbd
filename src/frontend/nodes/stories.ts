import { NodesError } from './errors.ts';
import { parseMac } from './names.ts';
import type { Nodes } from './node-index.ts';
import type { NodeRecords } from './records.ts';
import type { MachineNode } from './types.ts';

/** Throws NodesError `unknown`. */
export function nodeNamed(nodes: Nodes, name: string): MachineNode {
  const node = nodes.byName(name);
  if (node !== undefined) return node;
  throw unknown('the name of a node', name);
}

/**
 * Under which names the story of a machine is kept: a node's own, and its MACs from the time
 * before it was a node; or the MAC of a machine that is none. Throws NodesError `unknown`.
 */
export function machinesOf(nodes: Nodes, name: string): readonly string[] {
  const mac = parseMac(name);
  const node = nodes.byName(name) ?? nodes.byMac(mac ?? '');
  if (node !== undefined) return [node.name, ...node.macs];
  if (mac !== undefined) return [mac];
  throw unknown('the name of a node, or a MAC address', name);
}

/** Machines that are no nodes yet; who was heard of last comes first. Throws DatabaseError. */
export function strangersOf({ store, events }: Pick<NodeRecords, 'store' | 'events'>) {
  return events.strangers().filter(({ mac }) => store.byMac(mac) === undefined);
}

function unknown(expected: string, name: string): NodesError {
  const message = `expected ${expected}, got '${name.slice(0, 64)}'; see 'scree node list'`;
  return new NodesError('unknown', message);
}
