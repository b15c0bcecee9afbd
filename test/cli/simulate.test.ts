import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import test from 'ava';

const scree = resolve('scree');

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

function simulate(...args: readonly string[]): Promise<Ended> {
  return new Promise((done) => {
    execFile(scree, ['simulate', ...args], (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const small = [
  ...['--nodes', '4', '--tree', '4M', '--files', '10', '--node-rate', '40Mbit'],
  ...['--frontend-rate', '40Mbit', '--head-start', '1'],
];

test('a rack is simulated, and told as a table', async (t) => {
  const { code, stdout, stderr } = await simulate(...small, '--racks-of', '2');
  t.is(code, 0, stderr);
  t.regex(stdout, /^4 nodes in 2 racks, 4\.0 MiB each: \d+\.\d\d s, where the network allows \d/m);
  for (const figure of [
    ...['makespan ÷ limit', 'copies', 'into a rack', 'slowest ÷ median'],
    ...['first byte, median', 'first byte, 99 %', 'announces/s'],
  ]) {
    t.regex(stdout, new RegExp(`^${figure} +\\d+\\.\\d+`, 'm'));
  }
  t.regex(stdout, /^64 pieces of 64\.0 KiB; seed 1\.$/m);
});

test('as JSON it is the same every time, byte for byte', async (t) => {
  const args = [...small, '--slow', '1', '--liars', '1', '--silent', '1', '--seed', '7', '--json'];
  const [one, other] = await Promise.all([simulate(...args), simulate(...args)]);
  t.is(one.code, 0, one.stderr);
  t.is(one.stdout, other.stdout);
  const figures = JSON.parse(one.stdout);
  t.is(figures.nodes, 4);
  t.is(figures.seed, 7);
  t.true(figures.makespanToLimit >= 1);
});

for (const [args, message] of [
  [['--nodes', '0'], /^scree: --nodes: expected a whole number from 1 to 20000, got '0'; see /],
  [['--tree', 'big'], /^scree: --tree: expected a size such as 256M or 2G, got 'big'; see /],
  [['--node-rate', 'fast'], /^scree: --node-rate: expected .* such as 900Mbit, got 'fast'; see /],
  [['--frontend-rate', '1'], /^scree: --frontend-rate: expected a rate of 8Kbit or more, got '1'/],
  [['--uplink', '4/1'], /^scree: --uplink: expected a ratio such as 4:1, got '4\/1'; see /],
  [['--start-spread', '-3'], /^scree: --start-spread: expected a number from 0 to 3600, got '-3'/],
  [['--tree', '1K'], /^scree: expected a --tree of 64K or more, got 1024 bytes; see /],
  [['--tree', '1M', '--pieces', '17'], /^scree: expected at most the 16 --pieces that this tree/],
  [['--nodes', '2', '--slow', '3'], /^scree: expected no more bad peers than nodes, got 3 for 2/],
  [['rack'], /^scree: expected 0 words, got 1; see 'scree simulate --help'/],
] as const) {
  test(`${args.join(' ')} is refused in one line, with 2`, async (t) => {
    const { code, stdout, stderr } = await simulate(...args);
    t.is(code, 2);
    t.is(stdout, '');
    t.regex(stderr, message);
    t.is(stderr.trimEnd().split('\n').length, 1);
  });
}
