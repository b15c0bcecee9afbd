import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const scree = fileURLToPath(new URL('../../scree', import.meta.url));

async function run(...args: readonly string[]) {
  const child = spawn(scree, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

test('wrong arguments are refused with 2 and one line that says where to look', async (t) => {
  const cases = [
    [['bogus'], "scree: expected a command, got 'bogus'; see 'scree --help'\n"],
    [
      ['demon'],
      "scree: expected a command, got 'demon' (did you mean 'demo'?); see 'scree --help'\n",
    ],
    [['tree', 'add'], "scree: expected <name>, got none; see 'scree tree add --help'\n"],
    [
      ['agent', '--frontend', 'nonsense'],
      "scree: --frontend: expected a URL such as http://10.1.1.1, got 'nonsense'; " +
        "see 'scree agent --help'\n",
    ],
  ] as const;
  for (const [args, stderr] of cases) {
    t.deepEqual(await run(...args), { code: 2, stdout: '', stderr }, args.join(' '));
  }
});

test('a command that is none prints the help, as one that asks for it does', async (t) => {
  const asked = await run('--help');
  t.is(asked.code, 0);
  t.regex(asked.stdout, /^Usage: scree .*\n {2}frontend /s);
  t.deepEqual(await run(), { code: 2, stdout: '', stderr: asked.stdout });
});

test('the version is that of the package', async (t) => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  t.deepEqual(await run('--version'), { code: 0, stdout: `${version}\n`, stderr: '' });
});
