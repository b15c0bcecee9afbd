import test from 'ava';
import { judgeGoals, summarize } from '../../bench/roles/figures.ts';
import { parseOptions } from '../../bench/roles/options.ts';
import { planBenchRoles } from '../../bench/roles/roles.ts';
import { planFiles } from '../../bench/support/tree.ts';

const options = parseOptions(['--nodes', '4', '--rate', '8', '--part', '30']);

test('two roles want the same share of the tree, half of it in common', (t) => {
  if (options === undefined) return t.fail();
  const files = planFiles({ totalSizeBytes: 1e8, fileCount: 2000, seed: 3 });
  const { roles, wanted, limitSeconds } = planBenchRoles(files, options);
  const [one = new Set(), other = new Set()] = roles.map(({ paths }) => new Set(paths));
  const sizes = new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes]));
  const share = (paths: ReadonlySet<unknown>) =>
    files.reduce((sum, { path }) => sum + (paths.has(path) ? (sizes.get(path) ?? 0) : 0), 0) / 1e8;
  t.true(Math.abs(share(one) - 0.3) < 0.05);
  t.true(Math.abs(share(one.intersection(other)) - 0.15) < 0.05);
  t.is(wanted.distinctBytes, Math.round(share(one.union(other)) * 1e8));
  // All that is wanted has to leave the frontend, whose port is as slow as a node's.
  const seconds = (wanted.distinctBytes * 1514) / 1448 / 1e6;
  t.true(Math.abs(limitSeconds - seconds) < 1e-6);
});

test('a busy run is left out where there are others', (t) => {
  const run = (isBusy: boolean, ratio: number) => ({
    ...{ phase: 'laid-out' as const, isBusy },
    figures: { ratio, receivedToWanted: 1.01 },
  });
  const runs = [run(true, 2), run(false, 1.12), run(false, 1.14)];
  t.is(summarize(runs)[0]?.figures.ratio?.toFixed(2), '1.13');
  t.deepEqual(
    judgeGoals(runs).map(({ isReached }) => isReached),
    [false, true],
  );
  t.is(summarize([run(true, 2)])[0]?.figures.ratio, 2);
});

test('a phase brings those before it along', (t) => {
  t.deepEqual(parseOptions(['--phases', 'learnt'])?.phases, ['unknown', 'learnt']);
});
