import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import tftp, { type TftpGetStats } from 'tftp';
import { serveContents, someBytes } from '../frontend/tftp/fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The package sends its own limit, in milliseconds, as the option, which no server can grant. */
const settings = { host: '127.0.0.1', retries: 5, timeout: 3_000 };

type Options = { readonly blockSize?: number; readonly windowSize?: number };

/** Its stream says `close` before `end`, so that it cannot be read as others are. */
async function fetch(port: number, path: string, options: Options) {
  const stream = tftp.createClient({ ...settings, port, ...options }).createGetStream(path);
  const chunks: Buffer[] = [];
  let agreed: TftpGetStats | undefined;
  stream.on('stats', (stats: TftpGetStats) => {
    agreed = stats;
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return { bytes: Buffer.concat(chunks), agreed };
}

const sizes = [0, 1, 511, 512, 513, 1_468, 14_680, 51_200, 5_000_000];

for (const options of [
  {},
  { windowSize: 1 },
  { windowSize: 8 },
  { blockSize: 512, windowSize: 1 },
  { blockSize: 1_024, windowSize: 16 },
] satisfies readonly Options[]) {
  const named = JSON.stringify(options);
  test(`the client of the package tftp fetches files of every awkward size: ${named}`, async (t) => {
    const contents = Object.fromEntries(sizes.map((size) => [`f${size}`, someBytes(size)]));
    const { port, events } = await serveContents(t, contents);
    const { blockSize = 1_468, windowSize = 4 } = options as Options;
    for (const [path, expected] of Object.entries(contents)) {
      const { bytes, agreed } = await fetch(port, path, options);
      t.true(expected.equals(bytes), path);
      t.like(agreed, { blockSize, windowSize });
    }
    t.deepEqual(
      events.filter(({ outcome }) => outcome !== 'complete'),
      [],
    );
  });
}

test('it fetches 34 MB in blocks of 512: their numbers roll over', async (t) => {
  const initrd = someBytes(34_000_000);
  const { port, event } = await serveContents(t, { initrd });
  const { bytes } = await fetch(port, 'initrd', { blockSize: 512, windowSize: 1 });
  t.true(initrd.equals(bytes));
  t.like(await event(), { outcome: 'complete', blockBytes: 512 });
});

test('it is told what the door refuses, and that nothing is written', async (t) => {
  const { port } = await serveContents(t, {});
  await t.throwsAsync(fetch(port, 'nothing', {}), { message: /no file nothing/ });
  const local = join(await temporaryFolder(t), 'upload');
  await writeFile(local, 'upload');
  await t.throwsAsync(upload(local, port), { message: /nothing is written here/ });
  t.is(await readFile(local, 'utf8'), 'upload');
});

function upload(local: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error) => (error === undefined ? resolve() : reject(error));
    tftp.createClient({ ...settings, port }).put(local, 'upload', done);
  });
}
