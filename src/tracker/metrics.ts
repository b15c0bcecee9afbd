import { type Metric, metric, renderMetrics as render } from '../runtime/prometheus.ts';
import { splitOrigins } from './share-view.ts';
import type { TrackerStats } from './types.ts';

/** The tracker's figures for Prometheus (text format 0.0.4): sums, and flows by rack. */
export function renderMetrics(stats: TrackerStats): string {
  return render([...trackerMetrics(stats), flowMetric(stats)]);
}

function trackerMetrics({ totals, refusals, offences, uptimeSeconds }: TrackerStats): Metric[] {
  const { peers, ...told } = splitOrigins(totals);
  return [
    gauge('uptime_seconds', 'Since the tracker was started', uptimeSeconds),
    gauge('torrents', 'Torrents that are offered', totals.torrents),
    gauge('swarms', 'Torrents that have peers', totals.swarms),
    gauge('peers', 'Peers that announce, the frontend among the seeds', {
      label: 'state',
      of: { seed: totals.seeds, leecher: totals.leechers },
    }),
    counter('announces', 'Announces that were answered', totals.announces),
    counter('completed', 'Downloads that were completed', totals.completed),
    counter('refused', 'Requests that were not served', { label: 'reason', of: refusals }),
    counter('received_bytes', 'What peers have received, by where it came from', {
      label: 'source',
      of: {
        own_rack: told.rack,
        other_racks: told.racks,
        peers_untold: peers,
        frontend: told.frontend,
        untold: told.untold,
      },
    }),
    counter('uploaded_bytes', 'What peers have sent', totals.uploadedBytes),
    counter('offences', 'Reports of peers that were dropped', offences),
  ];
}

function flowMetric({ flows }: TrackerStats): Metric {
  const { sources, receivers, bytes } = flows.byRack;
  const samples = sources.flatMap((from, row) =>
    receivers.flatMap((to, column) => {
      const value = bytes[row]?.[column] ?? 0;
      return value === 0 ? [] : [{ value, labels: { from, to } }];
    }),
  );
  const help = 'What went from one rack, or the frontend, to another, as the receivers say';
  return { name: 'scree_tracker_flow_bytes_total', type: 'counter', help, samples };
}

function counter(name: string, help: string, values: Parameters<typeof metric>[3]): Metric {
  return metric('counter', `scree_tracker_${name}_total`, help, values);
}

function gauge(name: string, help: string, values: Parameters<typeof metric>[3]): Metric {
  return metric('gauge', `scree_tracker_${name}`, help, values);
}
