import { isLive } from '../dhcp/lease.ts';
import { orderedBoot } from '../nodes/boot-state.ts';
import { NodesError } from '../nodes/errors.ts';
import type { NodeChange } from '../nodes/node-index.ts';
import { planAdd, planPatch } from '../nodes/plan-changes.ts';
import type { NodeRecords } from '../nodes/records.ts';
import type { MachineNode } from '../nodes/types.ts';
import { type AddressSearch, type FindAddressDeps, findAddress } from './find-address.ts';
import type { Discovered } from './plan-discovered.ts';
import type { DiscoverOrder, UnknownMachine } from './types.ts';

export type BecomeDeps = Omit<FindAddressDeps, 'nodes'> & {
  readonly nodes: Pick<NodeRecords, 'store' | 'events'>;
  /** False where another server gives the addresses. */
  readonly givesAddresses: boolean;
  /** What is changed here is changed by the operator who discovers. */
  readonly asOperator: <Result>(work: () => Result) => Result;
};

export type Become = {
  readonly machine: UnknownMachine;
  readonly order: DiscoverOrder;
  readonly search: AddressSearch;
  /** False when nothing is to be changed any more. */
  readonly isWanted: () => boolean;
};

type Plan = Exclude<Discovered, { kind: 'left-alone' }>;

/**
 * Makes of a machine what was planned, in one transaction. Resolves with its node; with undefined
 * when that was not wanted any more in the end. Rejects with NodesError, among others `taken` when
 * somebody else was faster.
 */
export async function becomeNode(
  deps: BecomeDeps,
  plan: Plan,
  become: Become,
): Promise<MachineNode | undefined> {
  const { machine, order, isWanted } = become;
  if (plan.kind === 'new') return addNode(deps, plan, become);
  if (plan.kind === 'replacement') await freeAddress(deps, plan.node, machine);
  if (!isWanted()) return undefined;
  return write(deps, plan.node.name, () =>
    plan.kind === 'card'
      ? addCard(deps, plan.node.name, machine)
      : replaceMachine(deps, plan, { machine, order }),
  );
}

async function addNode(
  deps: BecomeDeps,
  { name, rank, uuid }: Extract<Plan, { kind: 'new' }>,
  { machine, order, search, isWanted }: Become,
): Promise<MachineNode | undefined> {
  const { store } = deps.nodes;
  const address = await ownAddress(deps, machine, search);
  try {
    if (!isWanted()) return undefined;
    return write(deps, name, () => {
      const place = { role: order.role, rack: order.rack ?? null, rank };
      const settings = { macs: [machine.mac], uuid: uuid ?? null, address: address ?? null };
      const change = planAdd(store, { name, ...place, ...settings }, deps.clockMs());
      return [ordered(change, order, deps.clockMs())];
    });
  } finally {
    if (address !== undefined) search.promised.delete(address);
  }
}

/** Undefined: it gets one of the range, or another server's. */
async function ownAddress(
  deps: BecomeDeps,
  machine: UnknownMachine,
  search: AddressSearch,
): Promise<string | undefined> {
  if (!deps.givesAddresses && search.from === undefined) return undefined;
  const found = await findAddress({ ...deps, nodes: deps.nodes.store }, machine, search);
  if (typeof found === 'object') return found.address;
  const { prefix, range } = machine.network;
  if (found === 'none' && range !== undefined && search.from === undefined) return undefined;
  const what = found === 'none' ? 'found none' : 'others answer for one after the other';
  throw new NodesError('bad-address', `expected a free address in ${prefix}, ${what}`);
}

function addCard(
  { nodes: { store } }: BecomeDeps,
  name: string,
  { mac }: UnknownMachine,
): readonly NodeChange[] {
  const node = store.byName(name);
  if (node === undefined || node.macs.includes(mac)) return [];
  return planPatch(store, [node], { macs: [...node.macs, mac] });
}

function replaceMachine(
  { nodes: { store }, clockMs }: BecomeDeps,
  { node: { name }, uuid }: Extract<Plan, { kind: 'replacement' }>,
  { machine, order }: Pick<Become, 'machine' | 'order'>,
): readonly NodeChange[] {
  const node = store.byName(name);
  if (node === undefined) return [];
  const changes = planPatch(store, [node], { macs: [machine.mac], uuid: uuid ?? null });
  return changes.map((change) => ordered(change, order, clockMs()));
}

/** The old machine is not there any more: its lease must not keep the new one from the address. */
async function freeAddress(
  { leases, clockMs }: BecomeDeps,
  { address, macs }: MachineNode,
  { mac }: UnknownMachine,
): Promise<void> {
  const lease = address === undefined ? undefined : leases.at(address);
  if (!isLive(lease, clockMs()) || !macs.includes(lease.mac) || lease.mac === mac) return;
  await leases.commit({ ...lease, state: 'released', untilMs: clockMs() });
}

function ordered({ before, after }: NodeChange, order: DiscoverOrder, nowMs: number): NodeChange {
  return { before, after: after && orderedBoot(after, order, nowMs) };
}

function write(
  { nodes: { store }, asOperator }: BecomeDeps,
  name: string,
  plan: () => readonly NodeChange[],
): MachineNode | undefined {
  asOperator(() => store.change(plan));
  return store.byName(name);
}
