import { type BootEvent, type BootOrder, nextBoot } from './boot-state.ts';
import { type OrderMoment, orderedWithUndo, undoneBoot } from './boot-undo.ts';
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
import { unknownNames } from './selection.ts';
import type { MachineNode } from './types.ts';

const usualRole = 'compute';

/** Throws NodesError `bad-…` or `taken`. */
export function planAdd(nodes: Nodes, input: NewNode, nowMs: number): NodeChange {
  const { name } = input;
  const after = newNode(input, nowMs);
  if (nodes.byName(name) !== undefined) throw taken('a name', name, name);
  const change = { before: undefined, after };
  expectFree(nodes, [change]);
  return change;
}

/**
 * A new node, to be booted from its disk. Role, rack and rank are what its name says
 * (`compute-0-1`), unless they are given. Throws NodesError `bad-…`.
 */
export function newNode({ name, ...settings }: NewNode, nowMs: number): MachineNode {
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
  return patched(blank, settings);
}

/** The same change of all of these nodes. Throws NodesError `bad-…` or `taken`. */
export function planPatch(
  nodes: Nodes,
  chosen: readonly MachineNode[],
  patch: NodePatch,
): readonly NodeChange[] {
  if (chosen.length > 1) expectShared(patch, chosen.length);
  const changes = chosen.map((before) => ({ before, after: patched(before, patch) }));
  expectFree(nodes, changes);
  return changes;
}

export function planRemove(chosen: readonly MachineNode[]): readonly NodeChange[] {
  return chosen.map((before) => ({ before, after: undefined }));
}

/** An operator's order for some nodes. */
export function planBoot(
  chosen: readonly MachineNode[],
  order: BootOrder,
  moment: OrderMoment,
): readonly NodeChange[] {
  return chosen.map((before) => ({ before, after: orderedWithUndo(before, order, moment) }));
}

/** Takes back what was ordered at this time, or the latest order, where a machine has not booted. */
export function planUndo(
  chosen: readonly MachineNode[],
  orderedAtMs: number | undefined,
): readonly NodeChange[] {
  return chosen
    .filter(
      ({ undo }) => undo !== undefined && undo.orderedAtMs === (orderedAtMs ?? undo.orderedAtMs),
    )
    .map((before) => ({ before, after: undoneBoot(before) }));
}

/** No change where the event is nothing new. Throws NodesError `unknown`. */
export function planBootEvent(
  nodes: Nodes,
  { name, ...event }: BootEvent & { readonly name: string },
  nowMs: number,
): readonly NodeChange[] {
  const before = findNode(nodes, name);
  const after = nextBoot(before, event, nowMs);
  return before === after ? [] : [{ before, after }];
}

/** Throws NodesError `unknown`. */
export function findNode(nodes: Pick<Nodes, 'byName'>, name: string): MachineNode {
  const node = nodes.byName(name);
  if (node === undefined) throw unknownNames([name]);
  return node;
}

/** The node with what the patch says. Throws NodesError `bad-…`. */
export function patched(node: MachineNode, patch: NodePatch): MachineNode {
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

/**
 * Each MAC, address and UUID belongs to one node when all of the changes are made; they may pass
 * it from one to another. The errors, NodesError `taken`, are those of the later claims.
 */
export function findClashes(
  nodes: Nodes,
  changes: readonly NodeChange[],
): readonly { readonly name: string; readonly error: NodesError }[] {
  const changed = new Set(changes.map(({ before }) => before?.name));
  const claimed = new Map<string, string>();
  const clashes: { readonly name: string; readonly error: NodesError }[] = [];
  for (const { after } of changes) {
    if (after === undefined) continue;
    for (const { what, value, holder } of claimsOf(nodes, after)) {
      const key = `${what} ${value}`;
      const other = changed.has(holder?.name) ? undefined : holder?.name;
      const owner = claimed.get(key) ?? other;
      if (owner !== undefined && owner !== after.name) {
        clashes.push({ name: after.name, error: taken(what, value, owner) });
      }
      claimed.set(key, owner ?? after.name);
    }
  }
  return clashes;
}

function expectFree(nodes: Nodes, changes: readonly NodeChange[]): void {
  const [clash] = findClashes(nodes, changes);
  if (clash !== undefined) throw clash.error;
}

/** ROCKS' names are `<role>-<rack>-<rank>`. */
function placeInName(name: string): Pick<MachineNode, 'role' | 'rack' | 'rank'> {
  const match = /^([a-z][a-z\d-]*?)-(\d{1,4})-(\d{1,4})$/.exec(name);
  if (match === null) return { role: usualRole, rack: undefined, rank: undefined };
  return { role: readRole(match[1] ?? ''), rack: Number(match[2]), rank: Number(match[3]) };
}

function either<Given, Value>(
  given: Given | null | undefined,
  present: Value | undefined,
  read: (given: Given) => Value,
): Value | undefined {
  if (given === undefined) return present;
  return given === null ? undefined : read(given);
}

function claimsOf(nodes: Nodes, { macs, address, uuid }: MachineNode) {
  return [
    ...macs.map((mac) => ({ what: 'a MAC address', value: mac, holder: nodes.byMac(mac) })),
    ...(address === undefined
      ? []
      : [{ what: 'an IPv4 address', value: address, holder: nodes.byAddress(address) }]),
    ...(uuid === undefined ? [] : [{ what: 'a UUID', value: uuid, holder: nodes.byUuid(uuid) }]),
  ];
}

function expectShared({ macs, address, uuid }: NodePatch, count: number): void {
  const own = [macs && 'MAC addresses', address && 'an address', uuid && 'a UUID'];
  const [what] = own.filter((each) => each !== undefined && each !== null && each !== '');
  if (what === undefined) return;
  const message = `expected one node to give ${what} to, got ${count}: no two nodes have the same`;
  throw new NodesError('bad-selection', message);
}

function taken(what: string, value: string, holder: string): NodesError {
  const message = `expected ${what} that no other node has, got ${value}, which is that of`;
  return new NodesError('taken', `${message} '${holder}'; change or remove that one first`);
}
