import test from 'ava';
import { judgeGoals, summarize } from '../../bench/crowd/figures.ts';
import { parseOptions } from '../../bench/crowd/options.ts';

const run = (agents: number, peakMegabytes: number) => ({ agents, figures: { peakMegabytes } });

test('the largest crowd is held against the smallest, by their medians', (t) => {
  const runs = [run(1000, 150), run(100, 100), run(300, 500), run(100, 130), run(100, 110)];
  t.deepEqual(
    summarize(runs).map(({ agents, figures }) => [agents, figures.peakMegabytes]),
    [
      [1000, 150],
      [100, 110],
      [300, 500],
    ],
  );
  const [verdict] = judgeGoals(runs);
  t.is(verdict?.value.toFixed(2), '1.36');
  t.false(verdict?.isReached);
  t.true(judgeGoals([run(100, 100), run(1000, 114)])[0]?.isReached);
});

test('one crowd alone is held against nothing', (t) => {
  t.deepEqual(judgeGoals([run(100, 100), run(100, 200)]), []);
});

test('rates are of bits, and more agents than a seeder takes are refused', (t) => {
  t.is(parseOptions(['--rate', '8'])?.uploadBytesPerSecond, 1_000_000);
  t.deepEqual(parseOptions(['--agents', '5,50'])?.crowds, [5, 50]);
  t.throws(() => parseOptions(['--agents', '5000']), { message: /--agents of 1 to 4096/ });
});
