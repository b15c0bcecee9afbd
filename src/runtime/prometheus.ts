export type MetricSample = {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
};

/** Counters end in `_total`, units stand before that: `scree_sent_bytes_total`. */
export type Metric = {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly MetricSample[];
};

export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

/** A metric without labels, or with one of several values. */
export function metric(
  type: Metric['type'],
  name: string,
  help: string,
  values: number | { readonly label: string; readonly of: Readonly<Record<string, number>> },
): Metric {
  if (typeof values === 'number') return { name, type, help, samples: [{ value: values }] };
  const samples = Object.entries(values.of).map(([each, value]) => {
    return { value, labels: { [values.label]: each } };
  });
  return { name, type, help, samples };
}

/** Figures as Prometheus reads them (text format 0.0.4). */
export function renderMetrics(metrics: readonly Metric[]): string {
  return metrics.map(renderMetric).join('');
}

function renderMetric({ name, type, help, samples }: Metric): string {
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  const head = `# HELP ${name} ${text}.\n# TYPE ${name} ${type}\n`;
  const lines = samples.map(({ labels, value }) => `${name}${renderLabels(labels)} ${value}\n`);
  return head + lines.join('');
}

function renderLabels(labels: MetricSample['labels']): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
