import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { createCli } from '../support/cli.ts';

// One after the other: each starts many programs, and all at once they would only wait for a core.

test.serial('attributes are set, listed, resolved and taken away', async (t) => {
  const { folder, out, run } = await createCli(t);
  t.regex(await out('attr', 'list'), /^no attributes; set one with/);
  await out('node', 'add', 'compute-0-0', '--mac', '52:54:00:00:00:01', '--ip', '10.1.1.1');
  await out('node', 'add', 'compute-0-1', '--mac', '52:54:00:00:00:02');
  await writeFile(join(folder, 'key.pub'), 'ssh-ed25519 AAAA me\n');
  const set = ['disk=/dev/sda', 'swap=4096', 'selinux=no', 'ntp=["a", "b"]', 'note="12"'];
  t.is(await out('attr', 'set', '--global', ...set, 'key=@key.pub'), 'set 6 values\n');
  t.is(await out('attr', 'set', '--role', 'compute', 'profile=rocky9'), 'set 1 value\n');
  t.is(await out('attr', 'set', '--node', 'compute-0-[0-1]', 'disk=/dev/vda'), 'set 2 values\n');
  t.is(
    await out('attr', 'list'),
    [
      'FOR               ATTRIBUTE  VALUE',
      'global            disk       /dev/sda',
      'global            key        ssh-ed25519 AAAA me',
      'global            note       "12"',
      'global            ntp        ["a","b"]',
      'global            selinux    no',
      'global            swap       4096',
      'role compute      profile    rocky9',
      'node compute-0-0  disk       /dev/vda',
      'node compute-0-1  disk       /dev/vda',
      '',
    ].join('\n'),
  );
  const resolved = await out('node', 'show', 'compute-0-0', '--resolved');
  t.regex(resolved, /^compute-0-0: profile rocky9, rocky9\nATTRIBUTE +VALUE +FROM\n/);
  t.regex(resolved, /\naddress +10\.1\.1\.1 +built-in\n/);
  t.regex(resolved, /\ndisk +\/dev\/vda +node compute-0-0\n/);
  t.regex(resolved, /\ntime-zone +\S+ +profile \S+\n/);
  const [host, other] = JSON.parse(await out('node', 'show', 'all', '--resolved', '--json'));
  t.is(other.node, 'compute-0-1');
  t.deepEqual(
    host.attributes.find(({ name }: { name: string }) => name === 'selinux'),
    { name: 'selinux', value: false, isSecret: false, origin: { kind: 'global', target: null } },
  );
  t.regex(await out('node', 'xml', 'compute-0-0'), /<attr name="swap" type="number" .*>4096</);
  t.is(await out('attr', 'unset', '--node', 'all', 'disk'), 'took 2 values away\n');
  const { code, stderr } = await run('attr', 'unset', '--global', 'disk', 'dis');
  t.is(code, 1);
  t.regex(
    stderr,
    /^scree: expected an attribute that is set for all, got 'dis'; did you mean 'disk'/,
  );
  t.is(JSON.parse(await out('attr', 'list', '--global', '--json')).length, 6);
  await out('node', 'remove', 'all');
  t.is(JSON.parse(await out('attr', 'list', '--json')).length, 7);
});

test.serial('a secret comes from stdin or a file, and is shown nowhere', async (t) => {
  const { folder, out, fed, run } = await createCli(t);
  await out('node', 'add', 'a', '--mac', '52:54:00:00:00:01');
  const one = await fed('hunter 1\n', 'attr', 'set', '--global', '--secret', 'password');
  t.deepEqual(one, { code: 0, stdout: 'set 1 value\n', stderr: '' });
  const two = await fed('hunter2\nhunter3\n', 'attr', 'set', '--node', 'a', '--secret', 'x', 'y');
  t.is(two.code, 0, two.stderr);
  await writeFile(join(folder, 'hash'), '$6$hunter4\n');
  await out('attr', 'set', '--node', 'a', '--secret', 'root-password-hash=@hash');
  const shown = await Promise.all([
    out('attr', 'list'),
    out('attr', 'list', '--json'),
    out('node', 'show', 'a', '--resolved'),
    out('node', 'show', 'a', '--resolved', '--json'),
    out('node', 'xml', 'a'),
    out('node', 'export', '--format', 'yaml'),
  ]);
  for (const text of shown) t.notRegex(text, /hunter/);
  t.is(
    JSON.parse(shown[1]).filter(({ value }: { value: string }) => value === '(secret)').length,
    4,
  );
  const lines = await fed('only one\n', 'attr', 'set', '--global', '--secret', 'x', 'y');
  t.is(lines.code, 1);
  t.regex(lines.stderr, /^scree: expected a line on stdin for each of x, y, got 1\n$/);
  const seen = await run('attr', 'set', '--global', 'password=hunter5');
  t.is(seen.code, 1);
  t.regex(seen.stderr, /^scree: expected the value of 'password', which is secret, from stdin/);
  const file = await run('attr', 'set', '--global', '--secret', 'x=@none');
  t.is(file.code, 1);
  t.regex(file.stderr, /^scree: expected to read the value of 'x' from 'none', got: ENOENT/);
});

test.serial('wrong arguments are refused with 2', async (t) => {
  const { run } = await createCli(t);
  const wrong = [
    [['set', 'a=1'], /expected one of --global, --os, --role, --rack, --node, got none; see/],
    [['set', '--global', '--rack', '1', 'a=1'], /expected one of .*, got 2; see/],
    [['set', '--global', 'a'], /expected NAME=VALUE, got 'a'; see/],
    [['set', '--global', 'a=1', 'a=2'], /expected each name once, got 'a' again; see/],
    [
      ['set', '--global', '--secret', 'a=1'],
      /expected 'a' or 'a=@FILE' of a secret, got its value/,
    ],
    [['unset', '--global'], /expected <names>, got none; see 'scree attr unset --help'/],
  ] as const;
  for (const [args, message] of wrong) {
    const { code, stderr } = await run('attr', ...args);
    t.is(code, 2, args.join(' '));
    t.regex(stderr, message);
  }
});
