import { isOfClass } from '../dhcp/client-kind.ts';
import { isInNetwork } from '../dhcp/network.ts';
import type { Nodes } from '../nodes/node-index.ts';
import type { MachineNode } from '../nodes/types.ts';
import type { DiscoverOrder, LeftAloneReason, UnknownMachine } from './types.ts';

/** What an unknown machine becomes. */
export type Discovered =
  /** A node of its own. */
  | {
      readonly kind: 'new';
      readonly name: string;
      readonly rank: number;
      readonly uuid: string | undefined;
    }
  /** The machine of a node that was there. */
  | { readonly kind: 'replacement'; readonly node: MachineNode; readonly uuid: string | undefined }
  /** Another network card of a node. */
  | { readonly kind: 'card'; readonly node: MachineNode }
  | { readonly kind: 'left-alone'; readonly reason: LeftAloneReason; readonly text: string };

export type DiscoverSituation = {
  readonly nodes: Pick<Nodes, 'byName' | 'byUuid' | 'all'>;
  /** Which classes the DHCP server answers at all. */
  readonly answeredClasses: readonly string[];
  /** The ranks, by MAC, of machines that are about to become nodes; undefined: it replaces one. */
  readonly promised: ReadonlyMap<string, number | undefined>;
  /** The MACs of those of them that failed, and are tried again when they ask again, if they do. */
  readonly failed: ReadonlySet<string>;
  /** How many have become nodes. */
  readonly doneCount: number;
};

const mostMacs = 16;

/** What becomes of a machine whose MAC address no node has. Nothing else decides on it. */
export function planDiscovered(
  machine: UnknownMachine,
  order: DiscoverOrder,
  situation: DiscoverSituation,
): Discovered {
  const alone = findReason(machine, order, situation);
  if (alone !== undefined) return { kind: 'left-alone', ...alone };
  const uuid = order.tellsByUuid ? machine.uuid : undefined;
  const known = uuid === undefined ? undefined : situation.nodes.byUuid(uuid);
  const replaced = situation.nodes.byName(order.replace ?? '');
  if (known !== undefined && known !== replaced) return addCard(machine, known);
  const { promised } = situation;
  if (isEnough(machine, order, situation))
    return { kind: 'left-alone', reason: 'enough', text: 'no more are looked for' };
  if (order.replace !== undefined) return replace(order.replace, replaced, uuid);
  const rank = promised.get(machine.mac) ?? nextRank(order, situation);
  return { kind: 'new', name: nameAt(order, rank), rank, uuid };
}

function isEnough(
  { mac }: UnknownMachine,
  { mostCount }: DiscoverOrder,
  { promised, failed, doneCount }: DiscoverSituation,
): boolean {
  const inWork = [...promised.keys()].filter((each) => !failed.has(each));
  return !inWork.includes(mac) && doneCount + inWork.length >= mostCount;
}

/** ROCKS' form. */
export function nameAt({ role, rack }: DiscoverOrder, rank: number): string {
  return `${role}-${rack}-${rank}`;
}

/** The first that is free: from the one that was asked for, else after all that there are. */
function nextRank(
  order: DiscoverOrder,
  { nodes, promised }: Pick<DiscoverSituation, 'nodes' | 'promised'>,
): number {
  const { role, rack, fromRank } = order;
  const taken = new Set([...promised.values()].filter((rank) => rank !== undefined));
  for (const node of nodes.all()) {
    if (node.role === role && node.rack === rack && node.rank !== undefined) taken.add(node.rank);
  }
  let rank = fromRank ?? [...taken].reduce((highest, each) => Math.max(highest, each), -1) + 1;
  while (taken.has(rank) || nodes.byName(nameAt(order, rank)) !== undefined) rank += 1;
  return rank;
}

function replace(
  name: string,
  node: MachineNode | undefined,
  uuid: string | undefined,
): Discovered {
  if (node !== undefined) return { kind: 'replacement', node, uuid };
  const text = `node ${name}, which it was to replace, is not there any more`;
  return { kind: 'left-alone', reason: 'enough', text };
}

function addCard({ mac }: UnknownMachine, node: MachineNode): Discovered {
  if (node.macs.length < mostMacs) return { kind: 'card', node };
  const text = `${mac} would be one card too many of node ${node.name}, which has ${mostMacs}`;
  return { kind: 'left-alone', reason: 'too-many-cards', text };
}

function findReason(
  { mac, client, network }: UnknownMachine,
  order: DiscoverOrder,
  { answeredClasses }: DiscoverSituation,
): { readonly reason: LeftAloneReason; readonly text: string } | undefined {
  const prefix = order.excluded.find((each) => mac === each || mac.startsWith(`${each}:`));
  if (prefix !== undefined) return { reason: 'excluded', text: `${prefix} is excluded` };
  const said = client.vendorClass === undefined ? '' : ` (vendor class '${client.vendorClass}')`;
  const what = `client kind '${client.kind}'${said}`;
  if (!order.classes.some((name) => isOfClass(client, name))) {
    const text = `${what} is none of: ${order.classes.join(', ')}`;
    return { reason: 'not-netbooting', text };
  }
  if (!answeredClasses.some((name) => isOfClass(client, name))) {
    return { reason: 'class-not-permitted', text: `${what} is none that dhcp.classes permits` };
  }
  if (order.addressFrom !== undefined && !isInNetwork(network, order.addressFrom)) {
    const text = `it is in ${network.prefix}, and ${order.addressFrom} is not`;
    return { reason: 'other-network', text };
  }
  return undefined;
}
