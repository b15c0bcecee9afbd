import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { writeFiles } from '../frontend/profiles/fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function setUp(t: ExecutionContext, profiles: Readonly<Record<string, string>> = {}) {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'scree.yaml');
  await writeFile(config, 'state: state\nprofiles: own\n');
  await writeFiles(join(folder, 'own'), profiles);
  const scree = (...args: readonly string[]) =>
    new Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>(
      (done) => {
        const child = execFile(resolve('scree'), [...args, '-c', config], (_, stdout, stderr) =>
          done({ code: child.exitCode ?? -1, stdout, stderr: stderr.replaceAll(`${folder}/`, '') }),
        );
      },
    );
  return { folder, scree };
}

test.serial('list and show say what there is, shipped and own', async (t) => {
  const { scree } = await setUp(t, { 'gpu.yaml': 'include: [rocky9]\ndescription: with a card\n' });
  const list = await scree('profile', 'list', '--json');
  const { profiles } = JSON.parse(list.stdout);
  t.deepEqual(
    profiles.map((each: { name: string; output: string }) => [each.name, each.output]),
    [
      ['compute', 'preseed'],
      ['debian12', 'preseed'],
      ['debut', 'script'],
      ['gpu', 'kickstart'],
      ['rocky9', 'kickstart'],
      ['ubuntu2404', 'autoinstall'],
    ],
  );
  t.regex((await scree('profile', 'list')).stdout, /gpu +kickstart +rocky9 +rocky9 +with a card\n/);
  t.regex((await scree('profile', 'show', 'gpu')).stdout, /root-password-hash +text, secret +""/);
  const none = await scree('profile', 'show', 'gup');
  t.is(none.code, 1);
  t.regex(none.stderr, /^scree: expected a profile 'gup', found compute, .*\n$/);
});

test.serial('check generates every node, and ends with 1 when one has no whole file', async (t) => {
  const driver = (values: string) => `attributes:\n  version:\n    one-of: [${values}]\n`;
  const { folder, scree } = await setUp(t, {
    'gpu.yaml': 'include: [rocky9, driver]\n',
    'fragments/driver.yaml': driver('a, b, c'),
    'fragments/driver.packages': 'driver-{{ version }}\n',
  });
  await scree('node', 'add', 'gpu-0-0', '--mac', '52:54:00:00:00:01');
  await scree('node', 'add', 'gpu-0-1', '--mac', '52:54:00:00:00:02');
  await scree('attr', 'set', '--global', 'ssh-keys=["ssh-ed25519 AAAA me"]');
  const missing = await scree('profile', 'check');
  t.is(missing.code, 1);
  t.is(
    missing.stderr,
    "scree: own/fragments/driver.yaml:2: expected the attribute 'version' (a text), found none; set it (profile gpu, gpu-0-0, gpu-0-1)\n",
  );
  await scree('attr', 'set', '--role', 'gpu', 'version=c');
  // The profile has changed since.
  await writeFile(join(folder, 'own/fragments/driver.yaml'), driver('a, b'));
  const other = await scree('profile', 'check', 'gpu');
  t.regex(
    other.stderr,
    /expected one of \["a", "b"\], got "c" from role gpu \(profile gpu, gpu-0-0/,
  );
  await scree('attr', 'set', '--role', 'gpu', 'version=b');
  t.deepEqual(await scree('profile', 'check'), {
    code: 0,
    stdout: '6 profiles and 2 nodes are well\n',
    stderr: '',
  });
  const json = JSON.parse((await scree('profile', 'check', 'gpu', '--json')).stdout);
  t.deepEqual(json, {
    profiles: ['gpu'],
    nodes: ['gpu-0-0', 'gpu-0-1'],
    problems: [],
    warnings: [],
  });
});

test.serial('a secret is in no message', async (t) => {
  const { folder, scree } = await setUp(t, {
    'p.yaml': 'output: kickstart\nos: o\ninclude: [f]\n',
    'fragments/f.yaml': 'attributes: { pass: { secret: true, default: hidden } }\n',
    'fragments/f.ks': 'rootpw {{ pass }}\n',
  });
  await scree('node', 'add', 'p-0-0', '--mac', '52:54:00:00:00:01');
  await writeFile(join(folder, 'secret'), 'hunter2');
  await scree('attr', 'set', '--role', 'p', '--secret', `pass=@${join(folder, 'secret')}`);
  await writeFile(
    join(folder, 'own/fragments/f.yaml'),
    'attributes: { pass: { secret: true, one-of: [hidden], default: hidden } }\n',
  );
  const { code, stdout, stderr } = await scree('profile', 'check', 'p', '--json');
  t.is(code, 1);
  t.regex(stdout, /got something else from role p/);
  t.notRegex(stdout + stderr, /hunter2/);
  const shown = [
    await scree('profile', 'show', 'p'),
    await scree('profile', 'show', 'p', '--json'),
  ];
  for (const each of shown) {
    t.regex(each.stdout, /\(secret\)/);
    t.notRegex(each.stdout, /hidden/);
  }
});
