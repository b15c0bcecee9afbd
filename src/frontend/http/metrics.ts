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

type Metric = {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** By the one label that it has, or a number. */
  readonly values:
    | number
    | { readonly label: string; readonly of: Readonly<Record<string, number>> };
};

/** The figures as Prometheus reads them (text format 0.0.4). */
export function renderMetrics(figures: FrontendFigures): string {
  return [...ownMetrics(figures), ...bootMetrics(figures)].flatMap(renderMetric).join('');
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

function byReason(counts: Readonly<Record<string, number>>): Metric['values'] {
  return { label: 'reason', of: counts };
}

function counter(name: string, help: string, values: Metric['values']): Metric {
  return { name: `scree_${name}`, type: 'counter', help, values };
}

function gauge(name: string, help: string, values: number): Metric {
  return { name: `scree_${name}`, type: 'gauge', help, values };
}

function renderMetric({ name, type, help, values }: Metric): readonly string[] {
  const head = `# HELP ${name} ${help}.\n# TYPE ${name} ${type}\n`;
  if (typeof values === 'number') return [head, `${name} ${values}\n`];
  const { label, of } = values;
  return [head, ...Object.entries(of).map(([key, n]) => `${name}{${label}="${key}"} ${n}\n`)];
}
