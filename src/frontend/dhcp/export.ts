import type { MachineNode } from '../nodes/types.ts';
import { renderDnsmasq } from './export/dnsmasq.ts';
import { arrangeExport } from './export/document.ts';
import { renderIsc } from './export/isc.ts';
import { renderKea } from './export/kea.ts';
import { findExportWarnings } from './export/warnings.ts';
import type { DhcpConfig } from './settings.ts';
import type { DhcpSettings } from './types.ts';

export type DhcpExportFormat = 'dnsmasq' | 'isc' | 'kea';

const renderers = { dnsmasq: renderDnsmasq, isc: renderIsc, kea: renderKea } as const;

export const dhcpExportFormats: readonly DhcpExportFormat[] = ['dnsmasq', 'isc', 'kea'];

export type DhcpExport = {
  /** The other server's configuration. */
  readonly text: string;
  /** What it does not say, in words. */
  readonly warnings: readonly string[];
};

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

/** The same, with what stays unsaid of the settings that come from this configuration. */
export function exportWithWarnings(
  format: DhcpExportFormat,
  {
    settings,
    config,
    nodes,
  }: {
    readonly settings: DhcpSettings;
    readonly config: Pick<DhcpConfig, 'probe' | 'bootFiles'>;
    readonly nodes: readonly MachineNode[];
  },
): DhcpExport {
  const document = arrangeExport(settings, nodes);
  return {
    text: renderers[format](document),
    warnings: findExportWarnings({ format, document, config }),
  };
}
