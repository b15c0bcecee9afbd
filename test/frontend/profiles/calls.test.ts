import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createProfiles, shippedProfiles } from '../../../src/frontend/profiles/main.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { hostOf, writeFiles } from './fixture.ts';
import { serveCalls } from './serve-calls.ts';

type Call = { readonly method: string; readonly url: string; readonly body: string };

/** Runs the late.sh of a profile as an installer would, with a folder for the new system. */
async function setUp(t: ExecutionContext, files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder(t);
  await writeFiles(join(folder, 'own'), files);
  const calls: Call[] = [];
  const answers = new Map<string, string>();
  const context = await serveCalls(t, ({ method = '', url = '' }, body) => {
    calls.push({ method, url, body });
    return answers.get(url) ?? (url.startsWith('/installs/') ? 'ok\n' : undefined);
  });
  const profiles = createProfiles({ folders: [join(folder, 'own'), shippedProfiles] });
  const run = async (profile: string, attributes = {}) => {
    const { files: made } = profiles.render(hostOf(profile, attributes), context);
    for (const [name, file] of made) answers.set(`/kickstart/1-a/${name}`, file.text);
    const bin = join(folder, 'bin');
    await mkdir(bin, { recursive: true });
    await mkdir(join(folder, 'target/root'), { recursive: true });
    // What a command says goes into the installer's log, and to nobody else.
    await writeFile(join(bin, 'in-target'), '#!/bin/sh\nexec "$1" "$TARGET$2" >/dev/null 2>&1\n');
    await chmod(join(bin, 'in-target'), 0o755);
    const child = spawn('/bin/sh', ['-c', made.get('late.sh')?.text ?? ''], {
      env: {
        PATH: `${bin}:${process.env.PATH}`,
        TARGET: join(folder, 'target'),
        SCREE_LOG: join(folder, 'late.log'),
      },
      stdio: 'ignore',
    });
    const [code] = await once(child, 'exit');
    return Number(code);
  };
  return { folder, calls, run };
}

const profile = 'output: preseed\nos: o\ninclude: [one, two]\n';

test('the success call comes last, when every script has come to its end', async (t) => {
  const { folder, calls, run } = await setUp(t, {
    'p.yaml': profile,
    'fragments/one.post.sh': 'echo {{ name }} >"$TARGET/root/name"\n',
    'fragments/two.late.sh': 'cp "$TARGET/root/name" "$TARGET/root/copy"\n',
  });
  t.is(await run('p'), 0);
  t.is(await readFile(join(folder, 'target/root/copy'), 'utf8'), 'compute-0-1\n');
  t.deepEqual(
    calls.map(({ method, url }) => [method, url]),
    [['GET', '/installs/1-a/success']],
  );
});

for (const section of ['post.sh', 'late.sh']) {
  test(`a command that fails in ${section} is told with its log, and success never`, async (t) => {
    const { calls, run } = await setUp(t, {
      'p.yaml': profile,
      [`fragments/one.${section}`]: 'echo before\nfalse\necho after\n',
      'fragments/two.late.sh': 'echo never\n',
    });
    t.is(await run('p'), 1);
    const kind = section.replace('.sh', '');
    t.deepEqual(calls, [
      {
        method: 'POST',
        url: `/installs/1-a/failure?reason=${kind}%20one:%20exit%20code%201`,
        body: 'before\n',
      },
    ]);
  });
}

test('a list for dpkg --set-selections is fetched and waits for the first boot', async (t) => {
  const { folder, calls, run } = await setUp(t, {
    'p.yaml': 'output: preseed\nos: o\ninclude: [first-boot]\n',
  });
  t.is(await run('p', { 'packages-at-first-boot': ['gcc', 'g++', '-nano'] }), 0);
  const target = join(folder, 'target');
  t.is(
    await readFile(join(target, 'var/lib/scree/selections'), 'utf8'),
    'gcc install\ng++ install\nnano deinstall\n',
  );
  const unit = 'etc/systemd/system/multi-user.target.wants/scree-first-boot.service';
  t.regex(
    await readFile(join(target, unit), 'utf8'),
    /ExecStart=\/bin\/sh \/var\/lib\/scree\/first-boot.sh/,
  );
  t.deepEqual(
    calls.map(({ url }) => url),
    ['/kickstart/1-a/selections', '/installs/1-a/success'],
  );
});
