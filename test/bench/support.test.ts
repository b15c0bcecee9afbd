import test from 'ava';
import { loadBetween, readMachineTime } from '../../bench/support/machine-load.ts';
import { renderTable } from '../../bench/support/markdown-table.ts';
import { replaceSection } from '../../bench/support/results-file.ts';
import { median, quantile } from '../../bench/support/statistics.ts';

test('quantiles lie between the values around them', (t) => {
  t.is(median([]), undefined);
  t.is(median([5]), 5);
  t.is(median([9, 1, 5]), 5);
  t.is(median([4, 1]), 2.5);
  t.is(quantile([0, 10, 20, 30, 40], 0.99), 39.6);
});

test('load is the share of all ticks that were neither idle nor waiting', (t) => {
  const before = readMachineTime('cpu  100 0 50 800 50 0 0 0 7 0\ncpu0 1 1 1 1\n');
  const after = readMachineTime('cpu  150 0 70 810 60 5 0 5 9 0\n');
  t.deepEqual(before, { busyTicks: 150, totalTicks: 1000 });
  t.is(loadBetween(before, after), 0.8);
  t.is(loadBetween(before, before), 0);
});

test('a section is replaced in its place, and a new one goes to the end', (t) => {
  const first = replaceSection('', 'one', 'old');
  t.regex(first, /^# What the benchmarks measured\n/);
  const second = replaceSection(first, 'two', 'body\n');
  const third = replaceSection(second, 'one', 'new');
  t.is(third, second.replace('old', 'new'));
  t.regex(third, /## one\n\nnew\n\n## two\n\nbody\n$/);
});

test('a table lines up', (t) => {
  t.is(
    renderTable(
      ['name', 'x'],
      [
        ['a', '1.25'],
        ['longer', '–'],
      ],
    ),
    ['| name   |    x |', '| ------ | ---: |', '| a      | 1.25 |', '| longer |    – |'].join('\n'),
  );
});
