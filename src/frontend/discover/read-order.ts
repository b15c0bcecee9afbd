import { networkOf } from '../dhcp/network.ts';
import type { DhcpSettings } from '../dhcp/types.ts';
import { readBootAction } from '../nodes/boot-actions.ts';
import { readAddress, readClientClasses, readName, readPlace, readRole } from '../nodes/names.ts';
import type { Nodes } from '../nodes/node-index.ts';
import { nodeNamed } from '../nodes/stories.ts';
import type { DiscoverOrderDocument } from './documents.ts';
import { DiscoverError } from './errors.ts';
import type { DiscoverOrder } from './types.ts';

/** Clients that mean to boot from the network. */
export const netbootKinds: readonly string[] = ['pxe', 'http-boot', 'ipxe', 'open-firmware'];

/** A packet in a machine's name costs nothing: what one order makes of them has an end. */
export const mostMachines = 4096;

export type OrderContext = {
  readonly nodes: Nodes;
  readonly settings: DhcpSettings;
  readonly bootActions: readonly string[];
  readonly installActions: ReadonlySet<string>;
};

/** Throws DiscoverError `bad-order`, or NodesError for a name, a place, an address or an action. */
export function readOrder(document: DiscoverOrderDocument, context: OrderContext): DiscoverOrder {
  const { replace, exclude = [], classes = netbootKinds, uuid = true } = document;
  const place = replace === undefined ? readNewPlace(document) : readOldPlace(document, context);
  const isBooting = !context.settings.rolesWithoutBoot.includes(place.role);
  const action = document.boot ?? (isBooting ? 'install' : 'os');
  return {
    ...place,
    replace,
    addressFrom: readFrom(document.addressFrom, context),
    excluded: exclude.map(readMacPrefix),
    classes: readClientClasses(classes),
    action: readBootAction(action, context.bootActions),
    installs: context.installActions.has(action),
    mostCount: readCount(document),
    tellsByUuid: uuid,
  };
}

function readNewPlace({ role: roleText, rack: rackNumber, from }: DiscoverOrderDocument) {
  if (roleText === undefined || rackNumber === undefined) {
    throw badOrder('expected a role and a rack, or a node to replace');
  }
  const [role, rack] = [readRole(roleText), readPlace(rackNumber)];
  const fromRank = from === undefined ? undefined : readPlace(from);
  readName(`${role}-${rack}-${fromRank ?? 0}`);
  return { role, rack, fromRank };
}

function readOldPlace(document: DiscoverOrderDocument, { nodes }: OrderContext) {
  const { role, rack, from, addressFrom, replace = '' } = document;
  if ([role, rack, from, addressFrom].some((each) => each !== undefined)) {
    const message = 'expected no role, rack, rank or address beside a node to replace, which has';
    throw badOrder(`${message} its own; leave them out`);
  }
  const node = nodeNamed(nodes, replace);
  return { role: node.role, rack: node.rack, fromRank: undefined };
}

function readFrom(text: string | undefined, { settings }: OrderContext): string | undefined {
  if (text === undefined) return undefined;
  const address = readAddress(text);
  const all = settings.networks.map(({ prefix }) => prefix).join(', ');
  const isKnown = networkOf(address, settings) !== undefined;
  if (isKnown) return address;
  throw badOrder(`expected an address of the networks of 'dhcp:' (${all}), got ${address}`);
}

function readCount({ count, replace }: DiscoverOrderDocument): number {
  if (replace !== undefined) return 1;
  if (count === undefined) return mostMachines;
  if (count >= 1 && count <= mostMachines) return count;
  throw badOrder(`expected a count from 1 to ${mostMachines}, got ${count}`);
}

/** `52:54:00`, `52-54-00`, `525400` or more of it. */
export function readMacPrefix(text: string): string {
  const digits = text.toLowerCase().replaceAll(/[:.-]/g, '');
  const isMac = /^[\da-f:.-]+$/i.test(text) && digits.length >= 2 && digits.length <= 12;
  if (isMac && digits.length % 2 === 0) return digits.replaceAll(/..(?!$)/g, '$&:');
  const shown = JSON.stringify(text.slice(0, 64));
  throw badOrder(`expected a MAC address or how it begins, such as 52:54:00, got ${shown}`);
}

function badOrder(message: string): DiscoverError {
  return new DiscoverError('bad-order', message);
}
