import test from 'ava';
import fc from 'fast-check';
import { reportFields, TrackerReport } from '../../src/swarm/tracker-report.ts';
import { readReport } from '../../src/tracker/announce-report.ts';

const peer = (address: string) => ({
  ...{ frontend: false, address, outgoing: true, extended: undefined },
});

test('a report stays the same until a tracker has answered it, and nothing is lost meanwhile', (t) => {
  const report = new TrackerReport();
  t.is(report.current(), undefined);
  report.received(peer('10.1.0.7:6881'), 100);
  const first = report.current();
  report.received(peer('10.1.0.7:6881'), 20);
  t.is(report.current(), first);
  if (first !== undefined) report.told(first);
  t.like(first, { number: 1, sources: [['10.1.0.7:6881', 100]] });
  t.like(report.current(), { number: 2, sources: [['10.1.0.7:6881', 20]] });
});

test('the late answer to an earlier report takes nothing from the next one', (t) => {
  const report = new TrackerReport();
  report.received(peer('10.1.0.7:6881'), 100);
  const first = report.current();
  if (first === undefined) return t.fail('expected a report');
  report.told(first);
  report.received(peer('10.1.0.8:6881'), 7);
  const second = report.current();
  report.told(first);
  t.is(report.current(), second);
});

test('of many sources the greatest are told first, the others the next time', (t) => {
  const report = new TrackerReport();
  for (let index = 1; index <= 50; index += 1) report.received(peer(`10.1.0.${index}:1`), index);
  const told: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    const now = report.current();
    told.push(...(now?.sources.map(([, sizeBytes]) => sizeBytes) ?? []));
    if (now !== undefined) report.told(now);
  }
  t.deepEqual(
    told,
    Array.from({ length: 50 }, (_, index) => 50 - index),
  );
  t.is(report.current(), undefined);
});

test('what comes from the frontend is no part of it', (t) => {
  const report = new TrackerReport();
  report.received({ ...peer('10.1.0.1:6881'), frontend: true }, 5);
  t.is(report.current(), undefined);
});

test('without a tracker that answers it stays bounded', (t) => {
  const report = new TrackerReport();
  for (let index = 0; index < 5_000; index += 1) {
    report.received(peer(`10.1.${index >> 8}.${index & 255}:1`), 10);
    report.dropped({ address: '10.1.0.9:1', reason: `reason ${index}` });
  }
  const { sources, offenders } = report.current() ?? { sources: [], offenders: [] };
  t.is(sources.length, 32);
  t.is(offenders.length, 8);
  t.is(offenders.at(-1)?.reason, 'reason 4999');
});

test('a dropped peer is told out of turn', (t) => {
  let calls = 0;
  const report = new TrackerReport(() => {
    calls += 1;
  });
  report.received(peer('10.1.0.7:6881'), 1);
  t.is(calls, 0);
  report.dropped({ address: '10.1.0.9:1', reason: 'sent a piece that does not verify' });
  t.is(calls, 1);
});

const port = fc.integer({ min: 1, max: 65_535 });
const endpoint = fc.oneof(
  fc.tuple(fc.ipV4(), port).map(([ip, each]) => ({ text: `${ip}:${each}`, port: each })),
  fc.tuple(fc.ipV6(), port).map(([ip, each]) => ({ text: `[${ip}]:${each}`, port: each })),
);

test('what an agent writes the tracker reads, whatever the reasons are', (t) => {
  const property = fc.property(
    fc.uniqueArray(endpoint, { maxLength: 40, size: 'max', selector: ({ text }) => text }),
    fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 200, size: 'max' }), {
      maxLength: 12,
    }),
    (from, reasons) => {
      const report = new TrackerReport();
      for (const { text } of from) report.received(peer(text), 1_000);
      for (const reason of reasons) report.dropped({ address: '10.1.0.9:51413', reason });
      const written = new URLSearchParams(reportFields(report.current()).join('&'));
      const read = readReport(Object.fromEntries(written));
      if (from.length + reasons.length === 0) return read === undefined;
      const ports = from.slice(0, 32).map((each) => each.port);
      return (
        read?.number === 1 &&
        read.sources.every(({ sizeBytes }, index) => {
          return sizeBytes === 1_000 && read.sources[index]?.port === ports[index];
        }) &&
        read.sources.length === ports.length &&
        read.offenders.length === Math.min(8, reasons.length) &&
        read.offenders.every(({ reason }) => /^[ -~]{1,100}$/.test(reason))
      );
    },
  );
  t.notThrows(() => fc.assert(property));
});

test('any parameters are a report or none', (t) => {
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300, size: 'max' }),
    fc.array(fc.string()),
    fc.stringMatching(/^([0-9a-f.:]{1,20}:\d{1,6}=[ -~]{0,20},?){0,100}$/),
    fc.constant(undefined),
  );
  const property = fc.property(value, value, (sources, offenders) => {
    const read = readReport({
      scree_report: '7',
      scree_sources: sources,
      scree_offenders: offenders,
    });
    return (read?.sources.length ?? 99) <= 64 && (read?.offenders.length ?? 99) <= 8;
  });
  t.notThrows(() => fc.assert(property));
  t.is(readReport({ scree_sources: '10.1.0.1:1=5' }), undefined);
  t.is(readReport({ scree_report: '65536' }), undefined);
});
