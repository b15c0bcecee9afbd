import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import test from 'ava';
import { createCli } from '../support/cli.ts';
import { readCpio } from '../support/read-cpio.ts';

const quick = ['image', 'build', '--compression', 'zstd-quick'];
const mostBytes = 32_000_000;

test('an image is made twice and is the same, below 32 MB, and sent by the action install', async (t) => {
  const { out, state } = await createCli(t);
  const text = await out(...quick, '--frontend', '10.1.1.1');
  t.regex(
    text,
    /agent-[\d.]+-(x64|arm64)\.img: \d\d\.\d MiB \(zstd-quick\), 1\d\d\.\d MiB in memory/,
  );
  t.regex(text, /frontend {2}http:\/\/10\.1\.1\.1\n/);
  t.regex(text, /the boot action 'install' sends it; .* name scree\/agent/);
  const [name = ''] = (await readdir(join(state, 'images'))).filter((each) =>
    each.endsWith('.img'),
  );
  const first = await readFile(join(state, 'images', name));
  t.true(first.length <= mostBytes, `${first.length} bytes`);
  const built = JSON.parse(await out(...quick, '--frontend', 'http://10.1.1.1', '--json'));
  const second = await readFile(built.path);
  t.true(second.equals(first));
  t.is(built.sha256, createHash('sha256').update(second).digest('hex'));
  t.is(built.sizeBytes, second.length);
  const served = await stat(join(state, 'tftpboot', built.servedAs));
  t.is(served.size, second.length);

  const key = await readFile(join(state, 'keys/manifest.pub'), 'utf8');
  const files = readCpio(zstdDecompressSync(second));
  const textOf = (path: string) => files.find((each) => each.path === path)?.body.toString();
  t.is(textOf('opt/scree/frontend.pub'), key);
  t.is(textOf('opt/scree/frontend'), 'http://10.1.1.1\n');
});

test('an image for other boot servers goes where it is told, and is sent to nobody', async (t) => {
  const { out, folder, state } = await createCli(t);
  const place = join(folder, 'elsewhere');
  const text = await out(...quick, '--out', place);
  t.regex(text, /append it to the installer's ramdisk: pxelinux INITRD a,b/);
  // The configuration listens on loopback, where no machine would find it.
  t.regex(text, /frontend {2}none in it: only the kernel argument scree\.frontend= tells/);
  t.is((await readdir(place)).length, 2);
  t.deepEqual(
    (await readdir(state)).filter((name) => /images|tftpboot/.test(name)),
    [],
  );
});

test('what cannot be used is refused with what was expected', async (t) => {
  const { run } = await createCli(t);
  const wrong = [
    [['--arch', 'sparc'], /x64, arm64/],
    [['--frontend', 'https://10.1.1.1'], /xpected an address such as http:\/\/10\.1\.1\.1/],
    [['--frontend', 'http://10.1.1.1/x'], /xpected an address such as/],
    [['--compression', 'gzip'], /zstd, zstd-quick, xz/],
  ] as const;
  for (const [flags, message] of wrong) {
    const { code, stderr } = await run('image', 'build', ...flags);
    t.is(code, 2, flags.join(' '));
    t.regex(stderr, message);
  }
});
