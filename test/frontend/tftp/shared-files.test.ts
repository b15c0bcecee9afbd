import test from 'ava';
import fc from 'fast-check';
import { chunkBytes } from '../../../src/frontend/tftp/file-chunks.ts';
import { type FileView, SharedFiles } from '../../../src/frontend/tftp/shared-files.ts';
import type { TftpFile } from '../../../src/frontend/tftp/types.ts';
import { WaitingLine } from '../../../src/frontend/waiting-line.ts';
import { someBytes } from './fixture.ts';

/** What the door gave for the one file of the test. */
function createFile(bytes: Buffer, identity?: string) {
  const counts = { reads: 0, closed: 0 };
  const file: TftpFile = {
    sizeBytes: bytes.length,
    identity,
    read: async (target, offsetBytes) => {
      counts.reads += 1;
      return bytes.copy(target, 0, offsetBytes);
    },
    close: async () => {
      counts.closed += 1;
    },
  };
  return { file, counts };
}

async function bytesOf(view: FileView, offsetBytes: number, lengthBytes: number): Promise<Buffer> {
  const target = Buffer.alloc(lengthBytes);
  return (await view.copyTo(target, offsetBytes)) ?? target;
}

test('any range is what the file has there, whatever was read before', async (t) => {
  const bytes = someBytes(chunkBytes * 4 + 1_000);
  const range = fc.tuple(fc.nat(bytes.length), fc.nat(chunkBytes)).map(([offset, length]) => ({
    offset,
    length: Math.min(length, bytes.length - offset),
  }));
  const ranges = fc.array(range, { minLength: 1, maxLength: 30 });
  // Room for all of the file, for a part, and for nothing.
  const memory = fc.constantFrom(1024 * 1024, chunkBytes * 2, 0);
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(ranges, memory, async (asked, memoryBytes) => {
        const files = new SharedFiles({ memoryBytes });
        const view = await files.share(createFile(bytes).file);
        for (const { offset, length } of asked) {
          const got = await bytesOf(view, offset, length);
          t.true(got.equals(bytes.subarray(offset, offset + length)));
          t.true(files.usedBytes <= memoryBytes);
        }
        await view.close();
        t.is(files.usedBytes, 0);
      }),
      { numRuns: 60 },
    ),
  );
});

test('what is in memory is there at once, and the next chunk is read ahead', async (t) => {
  const { file, counts } = createFile(someBytes(chunkBytes * 3));
  const view = await new SharedFiles({ memoryBytes: 1024 * 1024 }).share(file);
  t.true(view.copyTo(Buffer.alloc(100), 0) instanceof Promise);
  t.is(counts.reads, 2);
  await new Promise(setImmediate);
  t.is(view.copyTo(Buffer.alloc(100), chunkBytes - 50), undefined);
  t.is(counts.reads, 3);
});

test('files of one identity are one file, closed when its last user is done', async (t) => {
  const files = new SharedFiles({ memoryBytes: 1024 * 1024 });
  const bytes = someBytes(1_000);
  const [one, other] = [createFile(bytes, 'x'), createFile(bytes, 'x')];
  const views = [await files.share(one.file), await files.share(other.file)];
  t.deepEqual([one.counts.closed, other.counts.closed], [0, 1]);
  for (const view of views) t.true(bytes.equals(await bytesOf(view, 0, 1_000)));
  t.deepEqual([one.counts.reads, other.counts.reads], [1, 0]);
  await views[0]?.close();
  await views[0]?.close();
  t.is(one.counts.closed, 0);
  await views[1]?.close();
  t.is(one.counts.closed, 1);
});

test('after a read that failed the next one tries again', async (t) => {
  const bytes = someBytes(100);
  let failures = 1;
  const file: TftpFile = {
    sizeBytes: 100,
    read: async (target) => {
      failures -= 1;
      if (failures >= 0) throw new Error('not now');
      return bytes.copy(target);
    },
    close: async () => {},
  };
  const view = await new SharedFiles({ memoryBytes: 1024 }).share(file);
  await t.throwsAsync(bytesOf(view, 0, 100), { message: 'not now' });
  t.true(bytes.equals(await bytesOf(view, 0, 100)));
});

test('no more reads run at once than may, and all of them run', async (t) => {
  const turns = new WaitingLine({ workers: 3, longest: 0 });
  let running = 0;
  let most = 0;
  const read = async (index: number): Promise<number> => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(setImmediate);
    running -= 1;
    if (index === 5) throw new Error('five');
    return index;
  };
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => turns.run(() => read(index))),
  );
  t.is(results.filter(({ status }) => status === 'fulfilled').length, 19);
  t.is(most, 3);
  t.false(turns.isFull);
});
