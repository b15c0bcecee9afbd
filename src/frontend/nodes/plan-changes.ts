import { type BootEvent, eventOfAction, nextBoot } from './boot-state.ts';
import { patchDhcpOptions } from './dhcp-options.ts';
import type { NewNode, NodePatch } from './documents.ts';
import { NodesError } from './errors.ts';
import {
  readAddress,
  readClientClasses,
  readMacs,
  readName,
  readPlace,
  readRole,
  readUuid,
} from './names.ts';
import type { NodeChange, Nodes } from './node-index.ts';
import type { MachineNode } from './types.ts';

const usualRole = 'compute';
const shownNames = 5;

/**
 * A new node, to be booted from its disk. Role, rack and rank are what its name says
 * (`compute-0-1`), unless they are given. Throws NodesError `bad-…` or `taken`.
 */
export function planAdd(nodes: Nodes, input: NewNode, nowMs: number): NodeChange {
  const { name, ...settings } = input;
  const blank: MachineNode = {
    name: readName(name),
    macs: [],
    uuid: undefined,
    address: undefined,
    ...placeInName(name),
    clientClasses: undefined,
    dhcpOptions: {},
    bootAction: 'os',
    bootState: 'os',
    bootReason: undefined,
    stateAtMs: nowMs,
    installNumber: 0,
  };
  const after = patched(blank, settings);
  if (nodes.byName(name) !== undefined) throw taken('a name', name, name);
  expectFree(nodes, after);
  return { before: undefined, after };
}

/** Throws NodesError `bad-…`, `taken` or `unknown`. */
export function planPatch(nodes: Nodes, name: string, patch: NodePatch): NodeChange {
  const [before] = findAll(nodes, [name]);
  const after = before && patched(before, patch);
  if (after !== undefined) expectFree(nodes, after);
  return { before, after };
}

/** Throws NodesError `unknown`. */
export function planRemove(nodes: Nodes, name: string): NodeChange {
  return { before: findAll(nodes, [name])[0], after: undefined };
}

/** An operator's order for some nodes. */
export type BootOrder = { readonly names: readonly string[]; readonly action: string };

/** All of the nodes, or none: throws NodesError `unknown` that names those it does not know. */
export function planBoot(
  nodes: Nodes,
  { names, action }: BootOrder,
  nowMs: number,
): readonly NodeChange[] {
  const event = { kind: eventOfAction(action) };
  return findAll(nodes, names).map((before) => {
    return { before, after: { ...nextBoot(before, event, nowMs), bootAction: action } };
  });
}

/** No change where the event is nothing new. Throws NodesError `unknown`. */
export function planBootEvent(
  nodes: Nodes,
  { name, ...event }: BootEvent & { readonly name: string },
  nowMs: number,
): readonly NodeChange[] {
  return findAll(nodes, [name])
    .map((before) => ({ before, after: nextBoot(before, event, nowMs) }))
    .filter(({ before, after }) => before !== after);
}

function findAll(nodes: Nodes, names: readonly string[]): readonly MachineNode[] {
  const wanted = [...new Set(names)];
  const unknown = wanted.filter((name) => nodes.byName(name) === undefined);
  if (unknown.length > 0) {
    const shown = unknown.slice(0, shownNames).map((name) => `'${name.slice(0, 64)}'`);
    const rest = unknown.length - shown.length;
    const list = `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
    const advice = "see 'scree node list'";
    throw new NodesError('unknown', `expected the names of nodes, got ${list}; ${advice}`);
  }
  return wanted.flatMap((name) => nodes.byName(name) ?? []);
}

/** ROCKS' names are `<role>-<rack>-<rank>`. */
function placeInName(name: string): Pick<MachineNode, 'role' | 'rack' | 'rank'> {
  const match = /^([a-z][a-z\d-]*?)-(\d{1,4})-(\d{1,4})$/.exec(name);
  if (match === null) return { role: usualRole, rack: undefined, rank: undefined };
  return { role: readRole(match[1] ?? ''), rack: Number(match[2]), rank: Number(match[3]) };
}

function patched(node: MachineNode, patch: NodePatch): MachineNode {
  return {
    ...node,
    macs: patch.macs === undefined ? node.macs : readMacs(patch.macs),
    uuid: either(patch.uuid, node.uuid, readUuid),
    address: either(patch.address, node.address, readAddress),
    role: patch.role === undefined ? node.role : readRole(patch.role),
    rack: either(patch.rack, node.rack, readPlace),
    rank: either(patch.rank, node.rank, readPlace),
    clientClasses: either(patch.clientClasses, node.clientClasses, readClientClasses),
    dhcpOptions: patchDhcpOptions(node.dhcpOptions, patch.dhcpOptions),
  };
}

function either<Given, Value>(
  given: Given | null | undefined,
  present: Value | undefined,
  read: (given: Given) => Value,
): Value | undefined {
  if (given === undefined) return present;
  return given === null ? undefined : read(given);
}

function expectFree(nodes: Nodes, { name, macs, address, uuid }: MachineNode): void {
  const claims = [
    ...macs.map((mac) => ({ what: 'a MAC address', value: mac, holder: nodes.byMac(mac) })),
    { what: 'an IPv4 address', value: address, holder: nodes.byAddress(address ?? '') },
    { what: 'a UUID', value: uuid, holder: nodes.byUuid(uuid ?? '') },
  ];
  for (const { what, value, holder } of claims) {
    if (holder !== undefined && holder.name !== name) throw taken(what, value ?? '', holder.name);
  }
}

function taken(what: string, value: string, holder: string): NodesError {
  const message = `expected ${what} that no other node has, got ${value}, which is that of`;
  return new NodesError('taken', `${message} '${holder}'; change or remove that one first`);
}
