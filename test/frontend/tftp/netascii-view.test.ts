import test from 'ava';
import { TftpFileError } from '../../../src/frontend/tftp/errors.ts';
import { asNetascii } from '../../../src/frontend/tftp/netascii-view.ts';
import type { FileView } from '../../../src/frontend/tftp/shared-files.ts';
import { toNetascii } from '../../../src/protocol/tftp/netascii.ts';
import { createRandom } from '../../../src/simulator/random.ts';

function viewOf(bytes: Buffer, sizeBytes = bytes.length): FileView {
  return {
    sizeBytes,
    copyTo: (target, offsetBytes) => {
      bytes.copy(target, 0, offsetBytes);
      return undefined;
    },
    close: async () => {},
  };
}

test('any block of a long text is what it would be if all were converted at once', async (t) => {
  const random = createRandom(7);
  const bytes = Buffer.from(
    Array.from({ length: 300_000 }, () => [0x41, 0x0a, 0x0d, 0x20][Math.floor(random() * 4)] ?? 0),
  );
  const converted = toNetascii(bytes);
  const view = await asNetascii(viewOf(bytes));
  t.is(view.sizeBytes, converted.length);
  const offsets = Array.from({ length: 300 }, () => Math.floor(random() * converted.length));
  for (const offset of [0, converted.length - 1, converted.length, ...offsets]) {
    const length = Math.min(Math.floor(random() * 65_464), converted.length - offset);
    const target = Buffer.alloc(length);
    const got = (await view.copyTo(target, offset)) ?? target;
    t.true(got.equals(converted.subarray(offset, offset + length)), `${length} at ${offset}`);
  }
});

test('an empty text stays empty', async (t) => {
  const view = await asNetascii(viewOf(Buffer.alloc(0)));
  t.is(view.sizeBytes, 0);
  t.is(view.copyTo(Buffer.alloc(0), 0), undefined);
});

test('an image is not taken for a text', async (t) => {
  const image = viewOf(Buffer.alloc(0), 300 * 1024 * 1024);
  await t.throwsAsync(asNetascii(image), { instanceOf: TftpFileError, code: 'too-long' });
});
