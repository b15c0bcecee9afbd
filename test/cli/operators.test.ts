import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { renderAudit } from '../../src/cli/audit-text.ts';
import { renderTokens } from '../../src/cli/token-text.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const scree = resolve('scree');

async function setUp(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'scree.yaml');
  await writeFile(config, 'state: state\n');
  const run = (...args: readonly string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(scree, [...args, '-c', config], (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), stdout, stderr });
      });
    });
  return { state: join(folder, 'state'), run };
}

test('a token is printed once, alone; lists and the audit log do not have it', async (t) => {
  const { run, state } = await setUp(t);
  t.is(
    (await run('token', 'list')).stdout,
    "no tokens yet; make one with 'scree token create NAME'\n",
  );
  t.is((await run('audit')).stdout, 'nothing was changed yet\n');
  t.false(existsSync(state), 'to look is no reason to make a state folder');

  const made = await run('token', 'create', 'grafana');
  t.is(made.code, 0);
  t.regex(made.stdout, /^scree_[\w-]{43}\n$/);
  t.is(made.stderr, 'token grafana, scope read, good until it is revoked; it is not shown again\n');
  const json = await run('token', 'create', 'ci', '--scope', 'boot', '--expires', '30d', '--json');
  t.is(json.stderr, '');
  const { token, secret } = JSON.parse(json.stdout);
  t.like(token, { name: 'ci', scope: 'boot', lastUsedAtMs: null });
  t.is(token.expiresAtMs - token.createdAtMs, 30 * 86_400_000);

  const listed = await run('token', 'list');
  t.regex(
    listed.stdout,
    /^TOKEN +SCOPE +MADE +GOOD UNTIL +LAST USED\nci +boot +\S+ \S+ UTC +\S+ \S+ UTC +–\ngrafana +read +\S+ \S+ UTC +– +–\n$/,
  );
  t.is((await run('token', 'revoke', 'ci', 'grafana')).stdout, 'revoked ci\nrevoked grafana\n');
  await run('node', 'add', 'compute-0-1', '--mac', '52:54:00:00:00:01', '--ip', '10.1.1.1');
  await run('node', 'set', 'compute-0-1', '--ip', '10.1.1.2');
  await run('attr', 'set', '--node', 'compute-0-1', 'disk=/dev/sda');
  const audit = await run('audit');
  const who = `local:${userInfo().username}`;
  const lines = audit.stdout.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '));
  t.deepEqual(
    lines.slice(1, -1).map((line) => line.replace(/^\S+ \S+ \| /, '')),
    [
      `${who} | token create | grafana | scope read`,
      `${who} | token create | ci | scope boot, expires ${new Date(token.expiresAtMs).toISOString()}`,
      `${who} | token revoke | ci and 1 more`,
      `${who} | node add | compute-0-1 | macs 52:54:00:00:00:01, address 10.1.1.1, role compute, rack 0, rank 1`,
      `${who} | node set | compute-0-1 | address 10.1.1.1 → 10.1.1.2`,
      `${who} | attr set | compute-0-1 | names disk`,
    ],
  );
  const some = JSON.parse(
    (await run('audit', '-n', '2', '--target', 'compute-0-1', '--json')).stdout,
  );
  t.deepEqual(
    some.map(({ action }: { action: string }) => action),
    ['node set', 'attr set'],
  );
  for (const { stdout } of [listed, audit]) {
    t.false(stdout.includes(made.stdout.trim()) || stdout.includes(secret));
  }
});

test('what is wrong is told in a line, and nothing is done', async (t) => {
  const { run } = await setUp(t);
  await run('token', 'create', 'a');
  const cases = [
    [['token', 'create', 'a'], 1, /^scree: expected a name that no token has, got 'a'/],
    [['token', 'create', 'b', '--scope', 'admn'], 1, /got 'admn'; did you mean 'admin'\?\n$/],
    [['token', 'create', 'b', '--expires', 'soon'], 1, /such as 30d, 12h or 90m/],
    [['token', 'revoke', 'a', 'none'], 1, /^scree: expected the name of a token, got 'none'/],
    [['token', 'create'], 2, /expected <name>, got none; see 'scree token create --help'/],
    [['audit', '-n', '0'], 2, /whole number from 1/],
  ] as const;
  for (const [args, code, text] of cases) {
    const ended = await run(...args);
    t.is(ended.code, code, args.join(' '));
    t.regex(ended.stderr, text);
    t.is(ended.stderr.split('\n').length, 2);
    t.is(ended.stdout, '');
  }
  t.is(JSON.parse((await run('token', 'list', '--json')).stdout).length, 1);
});

test('tables say what has expired, and what many nodes have in common', (t) => {
  const token = { name: 'a', scope: 'read', createdAtMs: 0, lastUsedAtMs: Date.now() } as const;
  t.regex(
    renderTokens([{ ...token, expiresAtMs: 1 }]),
    /1970-01-01 00:00 UTC, has expired +just now/,
  );
  const entry = { id: 1, atMs: 0, who: 'token:ci', address: '10.1.1.7', action: 'node set' };
  const detail = { role: { to: 'gpu' }, rack: {}, address: { from: '10.1.1.1', to: null } };
  t.is(
    renderAudit([{ ...entry, targets: ['a', 'b', 'c'], detail }], undefined).split('\n')[1],
    '1970-01-01 00:00:00  token:ci at 10.1.1.7  node set  a and 2 more  role gpu, rack changed, address 10.1.1.1 → none',
  );
  const added = { macs: ['x'], rack: null, dhcpOptions: { mtu: 9000, ntp: ['a', 'b'] } };
  t.is(
    renderAudit([{ ...entry, action: 'node add', targets: ['a'], detail: added }], undefined)
      .split('\n')[1]
      ?.slice(-36),
    'macs x, dhcpOptions mtu=9000 ntp=a b',
  );
  t.is(renderAudit([], 'a'), 'nothing of a was changed\n');
});
