import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { renderFindings } from '../../src/cli/doctor-text.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function runDoctor(...args: readonly string[]) {
  const child = spawn(resolve('scree'), ['doctor', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<number | null>((done) => child.once('close', done));
  const [code, stdout, stderr] = await Promise.all([
    closed,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}

test('a problem ends doctor with 1, and stands in the table with what to do', async (t) => {
  const config = join(await temporaryFolder(t), 'scree.yaml');
  await writeFile(config, 'stat: here\n');
  const { code, stdout, stderr } = await runDoctor('-c', config);
  t.is(code, 1);
  t.is(stderr, '');
  t.regex(stdout, /^PROBLEM +configuration +\S+:1:1: unknown key 'stat'/m);
  t.regex(stdout, /^ +→ correct it/m);
  t.regex(stdout, /^1 problem$/m);
});

test('--json has the same findings', async (t) => {
  const config = join(await temporaryFolder(t), 'scree.yaml');
  await writeFile(config, 'stat: here\nhttp: 5\n');
  const { code, stdout } = await runDoctor('--json', '-c', config);
  t.is(code, 1);
  const [first, second] = JSON.parse(stdout).findings;
  t.like(first, { check: 'configuration', level: 'problem' });
  t.like(second, { check: 'configuration', level: 'problem' });
});

test('a wrong flag ends with 2', async (t) => {
  const { code, stderr } = await runDoctor('--nonsense');
  t.is(code, 2);
  t.regex(stderr, /see 'scree doctor --help'/);
});

test('warnings and problems are counted, and nothing to say is said, too', (t) => {
  const fine = { check: 'clock', level: 'ok', text: 'it goes' } as const;
  const bad = { check: 'disk', level: 'warning', text: 'small', advice: 'grow it' } as const;
  t.is(
    renderFindings([fine]),
    ['    CHECK  FINDING', 'ok  clock  it goes', '', 'all is well', ''].join('\n'),
  );
  t.regex(renderFindings([fine, bad, bad]), /\n {16}→ grow it\n\n2 warnings\n$/);
  t.regex(renderFindings([bad, { ...bad, level: 'problem' }]), /\n1 problem, 1 warning\n$/);
});
