import test from 'ava';
import fc from 'fast-check';
import * as v from 'valibot';
import {
  type InstallProgress,
  mergeProgress,
  totalBytes,
} from '../../../src/frontend/installs/merge-progress.ts';
import {
  installPhases,
  type ProgressReport,
  progressReportSchema,
} from '../../../src/protocol/install-progress.ts';

const nothing = { frontend: 0, peers: 0, rack: 0, fallback: 0 };

function reportOf(change: Partial<ProgressReport>): ProgressReport {
  return {
    ...{ run: 'a', sequence: 1, atMs: 10_000, phases: [], bytes: nothing },
    ...{ agentVersion: '1.0.0', trees: [], ...change },
  };
}

/** Reports one second after the other, of install 1. */
function told(...reports: readonly Partial<ProgressReport>[]): InstallProgress {
  const moment = (at: number) => ({
    installNumber: 1,
    nowMs: 1_000_000 + at * 1000,
    address: undefined,
  });
  const merged = reports.reduce<InstallProgress | undefined>(
    (kept, report, at) => mergeProgress(kept, reportOf(report), moment(at)) ?? kept,
    undefined,
  );
  if (merged === undefined) throw new Error('expected a report');
  return merged;
}

test('a phase began as long ago as the agent says, whatever its clock shows', (t) => {
  for (const clockMs of [0, 5_000, Date.now(), 4e12]) {
    const phases = [{ name: 'agent', atMs: clockMs }] as const;
    const { phases: merged } = told({ atMs: clockMs + 3_000, phases: [...phases] });
    t.deepEqual(merged, [{ name: 'agent', atMs: 997_000 }]);
  }
});

test('a clock that is set in the middle moves nothing that was told before', (t) => {
  const { phases } = told(
    { atMs: 3_000, phases: [{ name: 'agent', atMs: 1_000 }] },
    {
      sequence: 2,
      atMs: 1_700_000_000_000,
      phases: [
        { name: 'agent', atMs: 1_000 },
        { name: 'packages', atMs: 1_700_000_000_000 },
      ],
    },
  );
  t.deepEqual(phases, [
    { name: 'agent', atMs: 998_000 },
    { name: 'packages', atMs: 1_001_000 },
  ]);
});

test('a later report takes the place of all before it, late news changes nothing', (t) => {
  const last = { sequence: 7, bytes: { ...nothing, rack: 500 }, packages: { done: 5, total: 9 } };
  const { bytes, packages } = told(
    { sequence: 3, bytes: { ...nothing, rack: 100 }, packages: { done: 1, total: 9 } },
    last,
    { sequence: 4, bytes: { ...nothing, rack: 200 }, packages: { done: 2, total: 9 } },
    last,
  );
  t.deepEqual(bytes, last.bytes);
  t.deepEqual(packages, last.packages);
});

test('what an agent had told before it was killed is added to what the next one tells', (t) => {
  const { bytes, packages, phases } = told(
    {
      bytes: { ...nothing, peers: 100 },
      packages: { done: 10 },
      phases: [{ name: 'partitioned', atMs: 10_000, detail: '/dev/sda' }],
    },
    { run: 'b', bytes: { ...nothing, frontend: 7 }, packages: { done: 2 } },
    { run: 'b', sequence: 2, bytes: { ...nothing, frontend: 9 }, packages: { done: 3 } },
  );
  t.deepEqual(bytes, { ...nothing, peers: 100, frontend: 9 });
  t.deepEqual(packages, { done: 13 });
  t.deepEqual(phases, [{ name: 'partitioned', atMs: 1_000_000, detail: '/dev/sda' }]);
});

test('what comes late from an agent that was killed is not counted again', (t) => {
  const runs = Array.from({ length: 40 }, (_, at) => ({
    run: `run ${at}`,
    bytes: { ...nothing, peers: 1 },
  }));
  const late = { run: 'a', sequence: 2, bytes: { ...nothing, peers: 101 } };
  const { bytes, run } = told(
    { bytes: { ...nothing, peers: 100 } },
    { run: 'b', bytes: { ...nothing, peers: 1 } },
    late,
    { run: 'b', sequence: 2, bytes: { ...nothing, peers: 2 } },
  );
  t.deepEqual(bytes, { ...nothing, peers: 102 });
  t.is(run.id, 'b');
  const many = told(...runs, ...runs.slice(-5, -1));
  t.is(many.bytes.peers, 40);
  t.true(many.run.endedIds.length < 10);
});

test('what an installer counts itself goes before what its agent sees', (t) => {
  const { packages } = told(
    { packages: { done: 40, total: 60 } },
    { run: 'b', packages: { done: 30 } },
  );
  t.deepEqual(packages, { done: 60, total: 60 });
});

test('another install begins anew', (t) => {
  const first = told({ bytes: { ...nothing, rack: 5 }, phases: [{ name: 'done', atMs: 1 }] });
  const moment = { installNumber: 2, nowMs: 2_000_000, address: undefined };
  const second = mergeProgress(first, reportOf({ run: 'b' }), moment);
  t.like(second, { installNumber: 2, phases: [], bytes: nothing });
});

test('the rate is of the agent’s own time', (t) => {
  const { rateBytesPerSecond } = told(
    { atMs: 10_000 },
    { sequence: 2, atMs: 12_000, bytes: { ...nothing, rack: 4_000, fallback: 4_000 } },
  );
  t.is(rateBytesPerSecond, 2_000);
});

test('any reports leave a story in order, sums that do not shrink, and nothing endless', (t) => {
  const count = fc.nat();
  const atMs = fc.double({ min: 0, max: 1e13, noNaN: true });
  const report = fc.record({
    run: fc.constantFrom('a', 'b', 'c'),
    sequence: fc.nat(20),
    atMs,
    phases: fc.array(fc.record({ name: fc.constantFrom(...installPhases), atMs }), {
      maxLength: 10,
      size: 'max',
    }),
    bytes: fc.record({ frontend: count, peers: count, rack: count, fallback: count }),
    packages: fc.record({ done: count }),
    agentVersion: fc.constant('1'),
    trees: fc.constant([]),
  });
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(report, { size: 'max', maxLength: 30 }), (reports) => {
        let kept: InstallProgress | undefined;
        let nowMs = 1e12;
        for (const each of reports) {
          nowMs += 1000;
          const before = kept;
          const moment = { installNumber: 1, nowMs, address: undefined };
          kept = mergeProgress(kept, v.parse(progressReportSchema, each), moment) ?? kept;
          if (kept === undefined) throw new Error('expected the first report to be taken');
          const isNewRun = before?.run.id !== kept.run.id;
          if (isNewRun && before && totalBytes(kept.bytes) < totalBytes(before.bytes)) {
            throw new Error('expected the sum of both runs');
          }
          const times = kept.phases.map((phase) => phase.atMs);
          const isInOrder = times.every(
            (at, index) => at >= (times[index - 1] ?? 0) && at <= nowMs,
          );
          if (!isInOrder || kept.phases.length > installPhases.length) throw new Error('disorder');
          if (!Number.isFinite(kept.rateBytesPerSecond)) throw new Error('expected a rate');
        }
      }),
    ),
  );
});
