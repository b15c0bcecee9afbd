import type { MachineNode } from '../../nodes/types.ts';
import { networkOf } from '../network.ts';
import type { DhcpNetwork, DhcpSettings } from '../types.ts';
import { type BootChoice, listBootChoices, type UnsaidRule } from './boot-choices.ts';

/** What is rendered, in the order of the configuration and of the nodes. */
export type ExportDocument = {
  readonly settings: DhcpSettings;
  readonly networks: readonly NetworkOfExport[];
  /** Nodes that get an address of a range, wherever they are. */
  readonly guests: readonly MachineNode[];
  /** Nodes for which there is no address in any of the networks. */
  readonly strays: readonly MachineNode[];
  readonly choices: readonly BootChoice[];
  readonly unsaid: readonly UnsaidRule[];
};

export type NetworkOfExport = {
  readonly network: DhcpNetwork;
  /** Those with a reservation in it. */
  readonly nodes: readonly MachineNode[];
};

export function arrangeExport(
  settings: DhcpSettings,
  nodes: readonly MachineNode[],
): ExportDocument {
  const homeOf = ({ address }: MachineNode) =>
    address === undefined ? undefined : networkOf(address, settings);
  const hasRange = settings.networks.some(({ range }) => range !== undefined);
  const isGuest = ({ address }: MachineNode) => address === undefined && hasRange;
  return {
    settings,
    networks: settings.networks.map((network) => ({
      network,
      nodes: nodes.filter((node) => homeOf(node) === network),
    })),
    guests: nodes.filter(isGuest),
    strays: nodes.filter((node) => homeOf(node) === undefined && !isGuest(node)),
    ...listBootChoices(settings, nodes),
  };
}

/** True for a node that is to learn its boot file. */
export function boots({ role }: MachineNode, settings: DhcpSettings): boolean {
  return !settings.rolesWithoutBoot.includes(role);
}

/** What no other server has words for. */
export const exportNotes: readonly string[] = [
  'Made by scree from its networks, nodes and table of boot files; make it again when they change.',
  'Not in here, since this server has no words for it: permitted client classes, boot states (Open',
  'Firmware that is not to be installed has to hear nothing), and files with any {mac} or {node}.',
];

/** `01:0a:ff`. */
export function hexWithColons(bytes: Buffer): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** A text between double quotes; nothing in it can end the quotes or the line. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/\p{Cc}/gu, '').replaceAll(/["\\]/g, '\\$&')}"`;
}
