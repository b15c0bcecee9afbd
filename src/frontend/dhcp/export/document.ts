import type { MachineNode } from '../../nodes/types.ts';
import { networkOf } from '../network.ts';
import type { DhcpNetwork, DhcpSettings } from '../types.ts';

/** A node with a reservation. */
export type ReservedNode = MachineNode & { readonly address: string };

/** What is rendered, in the order of the configuration and of the nodes. */
export type ExportDocument = {
  readonly settings: DhcpSettings;
  readonly networks: readonly {
    readonly network: DhcpNetwork;
    readonly nodes: readonly ReservedNode[];
  }[];
};

export function arrangeExport(
  settings: DhcpSettings,
  nodes: readonly MachineNode[],
): ExportDocument {
  const reserved = nodes.filter((node): node is ReservedNode => node.address !== undefined);
  return {
    settings,
    networks: settings.networks.map((network) => ({
      network,
      nodes: reserved.filter(({ address }) => networkOf(address, settings) === network),
    })),
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
  'Firmware that is not to be installed has to hear nothing), and boot files with {mac} or {node}.',
];

/** `01:0a:ff`. */
export function hexWithColons(bytes: Buffer): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** A text between double quotes; nothing in it can end the quotes or the line. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/[\p{Cc}"\\]/gu, '')}"`;
}
