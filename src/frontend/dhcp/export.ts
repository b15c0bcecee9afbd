import type { MachineNode } from '../nodes/types.ts';
import { renderDnsmasq } from './export/dnsmasq.ts';
import { arrangeExport } from './export/document.ts';
import { renderIsc } from './export/isc.ts';
import { renderKea } from './export/kea.ts';
import type { DhcpSettings } from './types.ts';

export type DhcpExportFormat = 'dnsmasq' | 'isc' | 'kea';

const renderers = { dnsmasq: renderDnsmasq, isc: renderIsc, kea: renderKea } as const;

export const dhcpExportFormats: readonly DhcpExportFormat[] = ['dnsmasq', 'isc', 'kea'];

/**
 * The configuration of another server that comes nearest to these settings, for a frontend whose
 * own DHCP is off: networks, reservations, options and boot files.
 */
export function renderDhcpExport(
  format: DhcpExportFormat,
  settings: DhcpSettings,
  nodes: readonly MachineNode[],
): string {
  return renderers[format](arrangeExport(settings, nodes));
}
