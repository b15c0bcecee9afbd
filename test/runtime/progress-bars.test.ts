import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import { createProgressBars } from '../../src/runtime/progress-bars.ts';

test('each bar has its own texts and its own length', (t) => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 60, rows: 24 });
  const bars = createProgressBars(terminal as unknown as NodeJS.WriteStream, {
    count: 3,
    textWidth: 20,
  });
  bars.set(0, { fraction: 0.25, before: 'one', behind: 'slow' });
  bars.set(1, { fraction: 1, before: 'two', behind: 'fast' });
  bars.set(2, { fraction: 0.5, before: 'three', behind: '' });
  bars.close();
  const lines = stripVTControlCharacters(String(terminal.read())).trimEnd().split('\n');
  const full = (count: number) => '█'.repeat(count) + '░'.repeat(37 - count);
  t.deepEqual(
    lines.slice(-3).map((line) => line.trimEnd()),
    [`one ${full(9)} slow`, `two ${full(37)} fast`, `three ${full(19)}`],
  );
});

test('on a terminal that is too narrow the bars are short, and the texts stay', (t) => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 30, rows: 24 });
  const bars = createProgressBars(terminal as unknown as NodeJS.WriteStream, {
    count: 1,
    textWidth: 50,
  });
  bars.set(0, { fraction: 0.5, before: 'one', behind: 'behind' });
  bars.close();
  t.regex(stripVTControlCharacters(String(terminal.read())), /one ██░░ behind/);
});
