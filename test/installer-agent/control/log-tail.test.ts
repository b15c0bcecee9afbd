import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { lastLineOf, readFileTail } from '../../../src/installer-agent/control/log-tail.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('the last 200 lines of a log are told, of a long one no half line', async (t) => {
  const path = join(await temporaryFolder(t), 'syslog');
  await writeFile(path, Array.from({ length: 9_000 }, (_, at) => `line ${at} ä`).join('\n'));
  const lines = (await readFileTail(path)).split('\n');
  t.is(lines.length, 200);
  t.is(lines[0], 'line 8800 ä');
  await writeFile(path, `${'x'.repeat(200_000)}\nlast\n\n`);
  t.is(await readFileTail(path), 'last');
  await writeFile(path, 'only');
  t.is(await readFileTail(path), 'only');
});

test('what is no file, or not there, is said instead', async (t) => {
  const folder = await temporaryFolder(t);
  t.regex(await readFileTail(join(folder, 'none')), /^\(expected the log in .*ENOENT/);
  t.regex(await readFileTail(folder), /got no file/);
  // Nobody ever writes to it.
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  t.regex(await readFileTail(join(folder, 'pipe')), /got no file/);
});

test('the last line that says something is the reason where none is given', (t) => {
  t.is(lastLineOf('a\n b \n\n  \n'), 'b');
  t.is(lastLineOf('\n'), undefined);
});
