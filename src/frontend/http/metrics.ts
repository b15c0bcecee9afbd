import { type Metric, metric, renderMetrics as render } from '../../runtime/prometheus.ts';
import type { BootFigures } from '../boot-figures.ts';

/** What the frontend counts beside its tracker. */
export type FrontendFigures = BootFigures & {
  readonly sentToPeersBytes: number;
  readonly sentByHttpBytes: number;
  /** By HTTP and TFTP. */
  readonly sentBootBytes: number;
  readonly fallbacksRunning: number;
  readonly fallbacksRefused: number;
};

/** The figures as Prometheus reads them (text format 0.0.4). */
export function renderMetrics(figures: FrontendFigures): string {
  return render([...ownMetrics(figures), ...bootMetrics(figures)]);
}

function ownMetrics(figures: FrontendFigures): readonly Metric[] {
  return [
    counter('sent_to_peers_bytes_total', 'Sent by the seeds', figures.sentToPeersBytes),
    counter('sent_by_http_bytes_total', 'Files of trees sent by HTTP', figures.sentByHttpBytes),
    counter('sent_boot_bytes_total', 'Boot files sent by HTTP and TFTP', figures.sentBootBytes),
    counter(
      'fallbacks_refused_total',
      'Fallback ranges refused for want of a slot',
      figures.fallbacksRefused,
    ),
    gauge('fallbacks_running', 'Fallback ranges that are being sent', figures.fallbacksRunning),
  ];
}

function bootMetrics({ dhcp, tftp }: BootFigures): readonly Metric[] {
  const ofDhcp = dhcp && [
    counter('dhcp_dropped_total', 'DHCP packets without an answer', byReason(dhcp.dropped)),
  ];
  const ofTftp = tftp && [
    gauge('tftp_transfers_running', 'TFTP transfers under way', tftp.transfersRunning),
    counter('tftp_transfers_total', 'TFTP transfers that have ended', {
      label: 'outcome',
      of: tftp.transfersEnded,
    }),
    counter('tftp_dropped_total', 'Datagrams that began no transfer', byReason(tftp.dropped)),
  ];
  return [...(ofDhcp ?? []), ...(ofTftp ?? [])];
}

type Values = Parameters<typeof metric>[3];

function byReason(counts: Readonly<Record<string, number>>): Values {
  return { label: 'reason', of: counts };
}

function counter(name: string, help: string, values: Values): Metric {
  return metric('counter', `scree_${name}`, help, values);
}

function gauge(name: string, help: string, values: number): Metric {
  return metric('gauge', `scree_${name}`, help, values);
}
