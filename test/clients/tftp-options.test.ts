import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { createTftpDoor } from '../../src/frontend/boot/tftp-door.ts';
import { makeRoots } from '../frontend/boot/fixture.ts';
import { serveInThread, someBytes } from '../frontend/tftp/fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const timeout = 100_000;
const sizes = [0, 511, 512, 513, 1_468 * 7];
/** What netascii turns into other bytes, over and over, so that it lies across blocks. */
const line = 'label a\n\tkernel b\r\n\r';

/** A general root with files of any bytes, and texts of the same sizes. */
async function setUp(t: ExecutionContext, bytes: Readonly<Record<string, Buffer>>) {
  const { folder, roots } = await makeRoots(t, {});
  for (const [name, content] of Object.entries(bytes)) await writeFile(join(folder, name), content);
  const who = () => ({ node: undefined, machine: undefined, isCertain: false });
  const open = createTftpDoor({ roots, who, serverFor: () => '10.77.0.1' });
  return { ...(await serveInThread(t, open)), target: join(await temporaryFolder(t), 'fetched') };
}

const awkward = Object.fromEntries(
  sizes.flatMap((size) => [
    [`bytes-${size}`, someBytes(size)],
    [`text-${size}`, Buffer.from(line.repeat(size).slice(0, size))],
  ]),
);

type Options = Readonly<Record<string, string>>;

async function fetchAll(
  t: ExecutionContext,
  kind: 'bytes' | 'text',
  fetch: (place: {
    readonly port: number;
    readonly name: string;
    readonly target: string;
  }) => unknown,
) {
  const { port, target, events } = await setUp(t, awkward);
  for (const size of sizes) {
    const name = `${kind}-${size}`;
    await fetch({ port, name, target: `${target}-${name}` });
    const got = await readFile(`${target}-${name}`);
    t.true(awkward[name]?.equals(got), name);
  }
  t.deepEqual(
    events.filter(({ outcome }) => outcome !== 'complete'),
    [],
  );
}

const combinations: readonly Options[] = ['8', '512', '1432', '65464'].flatMap((blksize) =>
  ['1', '4', '64'].flatMap((windowsize) => [
    { blksize, windowsize },
    { blksize, windowsize, tsize: '0', timeout: '2' },
  ]),
);

for (const options of combinations) {
  const text = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  test(`atftp: ${text.join(', ')}`, async (t) => {
    const given = Object.entries(options).flatMap(([name, value]) => [
      '--option',
      name === 'tsize' ? name : `${name} ${value}`,
    ]);
    await fetchAll(t, 'bytes', ({ port, name, target }) => {
      const ends = ['-r', name, '-l', target, '127.0.0.1', String(port)];
      return run('atftp', [...given, '--get', ...ends], { timeout });
    });
  });
}

for (const blksize of ['8', '512', '1432', '65464']) {
  test(`curl: blksize ${blksize}, with tsize and timeout, any bytes`, async (t) => {
    await fetchAll(t, 'bytes', ({ port, name, target }) => {
      const options = ['-sS', '--tftp-blksize', blksize, '-o', target];
      return run('curl', [...options, `tftp://127.0.0.1:${port}/${name}`], { timeout });
    });
  });
}

test('tftp-hpa in mode netascii has texts as they were', async (t) => {
  await fetchAll(t, 'text', ({ port, name, target }) => {
    const what = ['-c', 'get', name, target];
    return run('tftp', ['-m', 'netascii', '127.0.0.1', String(port), ...what], { timeout });
  });
});

test('atftp, windowsize 32, fetches 100 MB in blocks of 512: the numbers roll over thrice', async (t) => {
  const initrd = someBytes(100_000_000);
  const { port, target, event } = await setUp(t, { initrd });
  const ends = ['-r', 'initrd', '-l', target, '127.0.0.1', String(port)];
  await run('atftp', ['--option', 'windowsize 32', '--get', ...ends], { timeout });
  t.true(initrd.equals(await readFile(target)));
  t.like(await event(), { outcome: 'complete', blockBytes: 512, windowBlocks: 32 });
});

test('curl as text gets the file as netascii writes it', async (t) => {
  const { port, target } = await setUp(t, { 'yaboot.conf': Buffer.from(line.repeat(300)) });
  await run('curl', ['-sS', '-o', target, `tftp://127.0.0.1:${port}/yaboot.conf;mode=netascii`]);
  const read = (await readFile(target, 'latin1')).replaceAll('\r\n', '\n').replaceAll('\r\0', '\r');
  t.is(read, line.repeat(300));
});
