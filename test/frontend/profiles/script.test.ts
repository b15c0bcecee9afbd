import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ProfileError } from '../../../src/frontend/profiles/errors.ts';
import { createProfiles } from '../../../src/frontend/profiles/main.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { hostOf, writeFiles } from './fixture.ts';
import { serveCalls } from './serve-calls.ts';

/** Runs the script of a profile as the ramdisk would, with a folder for the new system. */
async function setUp(t: ExecutionContext, files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder(t);
  await writeFiles(join(folder, 'own'), files);
  const calls: { readonly path: string; readonly reason: string | null; readonly body: string }[] =
    [];
  const context = await serveCalls(t, (request, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    calls.push({ path: pathname, reason: searchParams.get('reason'), body });
    return 'ok\n';
  });
  const profiles = createProfiles({ folders: [join(folder, 'own')] });
  const render = () => profiles.render(hostOf('p'), context);
  const run = async () => {
    const { text } = render();
    await mkdir(join(folder, 'target/root'), { recursive: true });
    await mkdir(join(folder, 'bin'), { recursive: true });
    const inTarget = '#!/bin/sh\nexec "$1" "$TARGET$2"\n';
    await writeFile(join(folder, 'bin/in-target'), inTarget, { mode: 0o755 });
    const child = spawn('/bin/sh', ['-c', text], {
      env: {
        PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
        TARGET: join(folder, 'target'),
        SCREE_LOG: join(folder, 'install.log'),
        TMPDIR: folder,
      },
      stdio: 'ignore',
    });
    const [code] = await once(child, 'exit');
    return Number(code);
  };
  const log = () => readFile(join(folder, 'install.log'), 'utf8');
  return { folder, calls, render, run, log };
}

const profile = 'output: script\nos: o\ninclude: [one, two]\n';

test('sections run in their order, install.sh of all fragments in one shell', async (t) => {
  const { calls, run, log, render } = await setUp(t, {
    'p.yaml': profile,
    'fragments/one.install.sh': 'disk={{ name }}\necho "1 install $disk"\n',
    'fragments/two.install.sh': 'echo "2 install $disk"\n',
    'fragments/one.late.sh': 'echo "1 late"\n',
    'fragments/two.post.sh': 'echo "2 post"\n',
    'fragments/two.pre.sh': 'disk=none\necho "2 pre"\n',
    'fragments/two.selections': 'gcc\n-nano\n',
  });
  t.is(await run(), 0);
  t.is(await log(), '2 pre\n1 install compute-0-1\n2 install compute-0-1\n1 late\n2 post\n');
  t.deepEqual(
    calls.map(({ path }) => path),
    ['/installs/1-a/success'],
  );
  const { contentType, files } = render();
  t.regex(contentType, /^text\/x-shellscript/);
  t.is(files.get('selections')?.text, 'gcc install\nnano deinstall\n');
});

test('a reason that a script gives is told, with the last lines of the log', async (t) => {
  const { calls, run } = await setUp(t, {
    'p.yaml': profile,
    'fragments/one.install.sh':
      'echo before\nscree_fail "expected 100% of a disk & more, got \\"sda\\" + #1 <x>"\n',
    'fragments/two.install.sh': 'echo never\n',
  });
  t.is(await run(), 1);
  t.is(calls.length, 1);
  t.is(calls[0]?.path, '/installs/1-a/failure');
  t.is(calls[0]?.reason, 'install one: expected 100% of a disk & more, got "sda" + #1 <x>');
  t.regex(calls[0]?.body ?? '', /^before\nexpected 100%/);
  t.notRegex(calls[0]?.body ?? '', /never/);
});

test('any command that fails ends the install, wherever it stands', async (t) => {
  for (const section of ['pre.sh', 'install.sh', 'post.sh', 'late.sh']) {
    const { calls, run } = await setUp(t, {
      'p.yaml': profile,
      [`fragments/one.${section}`]: 'echo begun\nfalse\necho never\n',
      'fragments/two.late.sh': 'echo never\n',
    });
    t.is(await run(), 1, section);
    t.deepEqual(
      calls.map(({ path, reason }) => [path, reason]),
      [['/installs/1-a/failure', `${section.split('.')[0]} one: exit code 1`]],
    );
    t.notRegex(calls[0]?.body ?? '', /never/);
  }
});

test('groups of packages are of kickstarts, and refused', async (t) => {
  const { render } = await setUp(t, {
    'p.yaml': profile,
    'fragments/one.packages': '@core\n',
    'fragments/two.packages': 'vim\n',
  });
  const error = t.throws(render, { instanceOf: ProfileError });
  t.regex(error?.message ?? '', /expected packages to install, got @core/);
});
