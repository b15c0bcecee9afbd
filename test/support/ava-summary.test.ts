import test from 'ava';
import { countTests, describeFailures } from './ava-summary.ts';

test('a clean run counts what AVA says has passed', (t) => {
  const output =
    '\n  \u001b[32m✔\u001b[39m a\n  ✔ b (1.2s)\n  ─\n\n  2 tests passed\n  1 test skipped\n';
  t.deepEqual(countTests(output, 0), { passed: 2, failed: 0, skipped: 1 });
});

test('with failures the ticks are counted, since AVA does not say how many passed', (t) => {
  const output =
    '  ✔ a\n  ✘ [fail]: b Values differ\n  ✔ c\n\n  2 tests failed\n  1 uncaught exception\n';
  t.deepEqual(countTests(output, 1), { passed: 2, failed: 3, skipped: 0 });
});

test('a run that ends badly without a count has failed once', (t) => {
  t.deepEqual(countTests('', 1), { passed: 0, failed: 1, skipped: 0 });
  t.deepEqual(countTests('  1 test passed\n', 143), { passed: 1, failed: 1, skipped: 0 });
});

test('what failed is told by its name and details, without what passed', (t) => {
  const output =
    '  ✔ a\n  \u001b[31m✘\u001b[39m [fail]: b\n  ✔ c\n  ─\n\n  b\n\n  - 1\n  + 2\n\n  ─\n\n  1 test failed\n';
  t.is(describeFailures(output), '  ✘ [fail]: b\n\n  b\n\n  - 1\n  + 2\n\n  ─\n\n  1 test failed');
  t.is(describeFailures('could not start\n'), 'could not start');
  t.true(describeFailures(`  ─\n${'x\n'.repeat(1000)}`).length < 200);
});
