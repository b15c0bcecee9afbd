import { randomBytes } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import test from 'ava';
import { compressImage } from '../../../src/frontend/images/compress.ts';

// Random bytes between others, so that there is more than one block.
const archive = Buffer.concat([Buffer.alloc(3 * 2 ** 20, 'scree'), randomBytes(2 ** 20)]);

test('zstd gives the archive back, and the same bytes each time, with its progress', async (t) => {
  for (const how of ['zstd', 'zstd-quick'] as const) {
    const seen: number[] = [];
    const image = await compressImage(archive, how, { onProgress: (done) => seen.push(done) });
    t.deepEqual(zstdDecompressSync(image), archive);
    t.deepEqual(await compressImage(archive, how), image);
    t.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
    t.true(seen.length > 2);
  }
});

test('the kernel’s decoder is given one frame with its length and its checksum', async (t) => {
  const image = await compressImage(archive, 'zstd-quick');
  // RFC 8878, 3.1.1: magic number, then the descriptor: content checksum is bit 2, and the size of
  // the content is known (a flag other than 0, or one segment).
  t.is(image.readUInt32LE(0), 0xfd2fb528);
  const descriptor = image[4] ?? 0;
  t.is(descriptor & 0b100, 0b100);
  t.not(descriptor & 0b1110_0000, 0);
  t.is(image.indexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 4), -1);
});

test('work that was stopped ends with the reason', async (t) => {
  const stop = new AbortController();
  const reason = new Error('stopped by the test');
  const work = compressImage(archive, 'zstd', {
    onProgress: () => stop.abort(reason),
    signal: stop.signal,
  });
  t.is(await t.throwsAsync(work), reason);
  await t.throwsAsync(compressImage(archive, 'xz', { signal: AbortSignal.abort(reason) }), {
    is: reason,
  });
});
