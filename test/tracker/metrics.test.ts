import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { metric, renderMetrics as render } from '../../src/runtime/prometheus.ts';
import { renderMetrics } from '../../src/tracker/metrics.ts';
import { collectStats } from '../../src/tracker/stats.ts';
import { createTestRegistry } from './registry-fixture.ts';
import { createCatalog } from './tracker-fixture.ts';

const refusals = {
  malformed: 0,
  'unknown-infohash': 2,
  'foreign-network': 0,
  'bad-connection-id': 0,
  'too-many-peers': 0,
  'too-often': 0,
  overloaded: 0,
};

function metricsAfterOneAnnounce(): string {
  const catalog = createCatalog([{}]);
  const { announce, registry, places, clock } = createTestRegistry({}, catalog);
  announce({ address: '10.1.2.2' });
  announce({
    ...{ address: '10.1.1.1', downloadedBytes: 100, frontendBytes: 10 },
    report: {
      number: 1,
      sources: [
        { address: '10.1.1.2', port: 1, sizeBytes: 50 },
        { address: '10.1.2.2', port: 1, sizeBytes: 30 },
      ],
      offenders: [],
    },
  });
  const moment = { nowMs: clock.nowMs, uptimeSeconds: 5, intervalSeconds: 30, refusals };
  return renderMetrics(collectStats({ registry, places, catalog }, moment));
}

test('sums, peers and flows are there, by the names that Prometheus is used to', (t) => {
  const lines = metricsAfterOneAnnounce().split('\n');
  for (const line of [
    '# TYPE scree_tracker_announces_total counter',
    'scree_tracker_announces_total 2',
    'scree_tracker_peers{state="leecher"} 2',
    'scree_tracker_refused_total{reason="unknown-infohash"} 2',
    'scree_tracker_received_bytes_total{source="own_rack"} 50',
    'scree_tracker_received_bytes_total{source="other_racks"} 30',
    'scree_tracker_received_bytes_total{source="peers_untold"} 10',
    'scree_tracker_received_bytes_total{source="frontend"} 10',
    'scree_tracker_flow_bytes_total{from="frontend",to="10.1.1.0/24"} 10',
    'scree_tracker_flow_bytes_total{from="10.1.2.0/24",to="10.1.1.0/24"} 30',
  ]) {
    t.true(lines.includes(line), line);
  }
});

test('each metric is typed once, before its values; counters end in _total, and nothing else', (t) => {
  const types = new Map<string, string>();
  for (const line of metricsAfterOneAnnounce().split('\n').filter(Boolean)) {
    const typed = /^# TYPE ([a-z_]+) (counter|gauge)$/.exec(line);
    if (typed?.[1] !== undefined && typed[2] !== undefined) {
      t.false(types.has(typed[1]), line);
      types.set(typed[1], typed[2]);
      t.is(typed[1].endsWith('_total'), typed[2] === 'counter', line);
    } else if (!line.startsWith('# HELP ')) {
      const [, name = ''] = /^([a-z_]+)(?:\{[^}]*\})? \d+(?:\.\d+)?$/.exec(line) ?? [];
      t.true(types.has(name), line);
    }
  }
  t.true(types.size >= 10);
});

test('whatever a label holds, its value is read back as it was, on one line', (t) => {
  const property = fc.property(
    fc.string({ unit: 'binary', maxLength: 40, size: 'max' }),
    (text) => {
      const of = { [text]: 7 };
      const [, , line = ''] = render([metric('gauge', 'a', 'b', { label: 'c', of })]).split('\n');
      const [, quoted = ''] = /^a\{c="(.*)"\} 7$/s.exec(line) ?? [];
      const read = quoted.replaceAll(/\\(.)/gs, (_, each) => (each === 'n' ? '\n' : each));
      return read === text;
    },
  );
  t.notThrows(() => fc.assert(property));
});

test('the dashboard asks for nothing that is not there', (t) => {
  const dashboard = readFileSync('dashboards/scree.json', 'utf8');
  const names = new Set([...dashboard.matchAll(/scree_[a-z_]+/g)].map(([name]) => name));
  const frontend = readFileSync('src/frontend/http/metrics.ts', 'utf8');
  const ours = metricsAfterOneAnnounce();
  const missing = [...names].filter((name) => {
    return (
      !ours.includes(`# TYPE ${name} `) && !frontend.includes(`'${name.replace('scree_', '')}'`)
    );
  });
  t.deepEqual(missing, []);
  t.true(names.size >= 10);
  const { panels } = JSON.parse(dashboard);
  t.true(panels.every(({ title, targets }: Panel) => title !== '' && targets.length > 0));
});

type Panel = { readonly title: string; readonly targets: readonly unknown[] };
