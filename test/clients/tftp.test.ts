import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import type { OpenThreadedFile } from '../../src/frontend/tftp/thread/types.ts';
import { tryDecodeTftp } from '../../src/protocol/tftp/packet.ts';
import { startBadRelay } from '../frontend/tftp/bad-relay.ts';
import { serveInThread, someBytes } from '../frontend/tftp/fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const timeout = 100_000;

type Fetch = (port: number, name: string, target: string) => Promise<unknown>;

const curl =
  (...options: readonly string[]): Fetch =>
  (port, name, target) =>
    run('curl', ['-sS', ...options, '-o', target, `tftp://127.0.0.1:${port}/${name}`], { timeout });

const tftpHpa =
  (mode = 'octet'): Fetch =>
  (port, name, target) =>
    run('tftp', ['-m', mode, '127.0.0.1', String(port), '-c', 'get', name, target], { timeout });

const atftp =
  (...options: readonly string[]): Fetch =>
  (port, name, target) => {
    const given = options.flatMap((option) => ['--option', option]);
    const ends = ['-r', name, '-l', target, '127.0.0.1', String(port)];
    return run('atftp', [...given, '--get', ...ends], { timeout });
  };

const clients: Readonly<Record<string, Fetch>> = {
  'tftp-hpa': tftpHpa(),
  curl: curl(),
  'curl without options': curl('--tftp-no-options'),
  'curl, blksize 1468': curl('--tftp-blksize', '1468'),
  'curl, blksize 8': curl('--tftp-blksize', '8'),
  'curl, blksize 65464': curl('--tftp-blksize', '65464'),
  atftp: atftp(),
  'atftp, tsize and timeout': atftp('tsize', 'timeout 3'),
  'atftp, blksize 1468': atftp('blksize 1468', 'tsize'),
  'atftp, windowsize 8': atftp('blksize 1468', 'windowsize 8'),
  'atftp, windowsize 64, blksize 512': atftp('windowsize 64'),
};

/** Serves a folder that holds these files. */
async function setUp(
  t: ExecutionContext,
  contents: Readonly<Record<string, Buffer>>,
  config: Parameters<typeof serveInThread>[2] = {},
) {
  const folder = await temporaryFolder(t);
  for (const [name, bytes] of Object.entries(contents)) await writeFile(join(folder, name), bytes);
  const target = join(await temporaryFolder(t), 'fetched');
  return { ...(await serveInThread(t, doorTo(folder), config)), target };
}

function doorTo(folder: string): OpenThreadedFile {
  return async (_client, path) => {
    const name = path.replace(/^\/+/, '');
    if (!/^[\w.-]+$/.test(name)) return { kind: 'refuse', code: 2, reason: 'not in this folder' };
    const file = await open(join(folder, name)).catch(() => undefined);
    if (file === undefined) return { kind: 'refuse', code: 1, reason: 'no such file' };
    const { size, ino, mtimeMs } = await file.stat();
    return {
      sizeBytes: size,
      identity: `${ino} ${mtimeMs}`,
      parts: [{ descriptor: file.fd, sizeBytes: size }],
      close: () => file.close(),
    };
  };
}

async function arrived(t: ExecutionContext, target: string, expected: Buffer): Promise<void> {
  const got = await readFile(target);
  t.is(got.length, expected.length);
  t.is(hashOf(got), hashOf(expected));
}

function isOack(datagram: Buffer): boolean {
  return tryDecodeTftp(datagram)?.kind === 'oack';
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

for (const [name, fetch] of Object.entries(clients)) {
  test(`${name} fetches files of every awkward size`, async (t) => {
    const sizes = [0, 1, 511, 512, 513, 1_467, 1_468, 4_096, 14_680, 100_000];
    const contents = Object.fromEntries(sizes.map((size) => [`f${size}`, someBytes(size)]));
    const { port, target } = await setUp(t, contents);
    for (const [file, bytes] of Object.entries(contents)) {
      await fetch(port, file, `${target}-${file}`);
      await arrived(t, `${target}-${file}`, bytes);
    }
  });
}

for (const [name, fetch] of Object.entries({
  'tftp-hpa': tftpHpa(),
  curl: curl(),
  atftp: atftp(),
  'atftp, windowsize 16': atftp('windowsize 16'),
})) {
  test(`${name} fetches 34 MB in blocks of 512: their numbers roll over`, async (t) => {
    const bytes = someBytes(34_000_000);
    const { port, target, event } = await setUp(t, { initrd: bytes });
    await fetch(port, 'initrd', target);
    await arrived(t, target, bytes);
    t.like(await event(), { outcome: 'complete', blockBytes: 512 });
  });
}

for (const [name, fetch] of Object.entries({
  'curl, blksize 1468': curl('--tftp-blksize', '1468'),
  'atftp, blksize 1468, windowsize 16': atftp('blksize 1468', 'windowsize 16'),
})) {
  test(`${name} fetches 100 MB`, async (t) => {
    const bytes = someBytes(100_000_000);
    const { port, target, event } = await setUp(t, { initrd: bytes });
    await fetch(port, 'initrd', target);
    await arrived(t, target, bytes);
    const { outcome, elapsedMs, resentBlocks, windowBlocks } = await event();
    t.is(outcome, 'complete');
    t.log(`${Math.round(elapsedMs)} ms, window ${windowBlocks}, ${resentBlocks} blocks again`);
  });
}

for (const [name, fetch] of Object.entries({
  'tftp-hpa': tftpHpa(),
  'curl, blksize 1468': curl('--tftp-blksize', '1468'),
  'atftp, blksize 1468': atftp('blksize 1468'),
  'atftp, blksize 1468, windowsize 8': atftp('blksize 1468', 'windowsize 8'),
})) {
  test(`${name} gets its file over a network that loses 1 % and doubles 5 %`, async (t) => {
    const bytes = someBytes(2_000_000);
    // When the last acknowledgement is lost, nothing more comes: the relay's port stays open.
    const config = { silenceLimitMs: 10_000 };
    const { port, target, event } = await setUp(t, { initrd: bytes }, config);
    const seed = Date.now();
    const faults = { seed, lost: 0.01, doubled: 0.05 };
    // atftp gives up when an OACK comes twice, be it that its answer was late or lost.
    const isOnce = (datagram: Buffer) => name.startsWith('atftp') && isOack(datagram);
    const relay = await startBadRelay(t, port, { ...faults, isOnce });
    await fetch(relay.port, 'initrd', target);
    await arrived(t, target, bytes);
    const { elapsedMs, resentBlocks } = await event();
    const { lost } = relay.counts;
    t.log(`seed ${seed}: ${lost} lost, ${resentBlocks} again, ${Math.round(elapsedMs)} ms`);
  });
}

test('tftp-hpa fetches a text as netascii and has it as it was', async (t) => {
  const text = Buffer.from('label install\n  kernel a\rb\r\n'.repeat(3_000));
  const { port, target } = await setUp(t, { 'yaboot.conf': text });
  await tftpHpa('netascii')(port, 'yaboot.conf', target);
  t.is(await readFile(target, 'utf8'), text.toString());
});

test('64 curls at once fetch one file', async (t) => {
  const bytes = someBytes(1_000_000);
  const { port, target } = await setUp(t, { initrd: bytes });
  const fetch = curl('--tftp-blksize', '1468');
  const names = Array.from({ length: 64 }, (_, index) => `${target}-${index}`);
  await Promise.all(names.map((name) => fetch(port, 'initrd', name)));
  for (const name of names) await arrived(t, name, bytes);
});

test('a file that is not there, and one outside, are errors for every client', async (t) => {
  const { port, target } = await setUp(t, { here: Buffer.from('here') });
  for (const path of ['nothing', '../../etc/passwd', '/etc/passwd', '//server/share', 'a\\b']) {
    const { stdout } = await run('tftp', ['127.0.0.1', String(port), '-c', 'get', path, target]);
    t.regex(stdout, /Error code [12]: /, path);
    await t.throwsAsync(atftp()(port, path, target), undefined, path);
    const options = ['--path-as-is', '--globoff'];
    await t.throwsAsync(curl(...options)(port, encodeURIComponent(path), target), undefined, path);
  }
});

test('an upload is refused', async (t) => {
  const { port, target, event } = await setUp(t, {});
  await writeFile(target, 'upload');
  const url = `tftp://127.0.0.1:${port}/upload`;
  const notPermitted = 69;
  await t.throwsAsync(run('curl', ['-sS', '-T', target, url], { timeout }), { code: notPermitted });
  t.like(await event(), { outcome: 'refused', reason: 'nothing is written here' });
});
