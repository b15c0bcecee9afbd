import test from 'ava';
import fc from 'fast-check';
import { AgentError } from '../../src/installer-agent/errors.ts';
import { readFromFrontend, type StreamRange } from '../../src/installer-agent/frontend-reader.ts';
import type { RangeFallback } from '../../src/swarm/types.ts';
import { bytesOf, makeKeys, makeSmallTree } from '../support/small-tree.ts';

const pieceLengthBytes = 1_000;
const tree = makeSmallTree({
  keys: makeKeys(),
  files: { a: bytesOf('a', 12_345), b: bytesOf('b', 700_000) },
  pieceLengthBytes,
});
const { metainfo, stream } = tree;
const honest: RangeFallback = {
  fetch: async (offset, length) => Buffer.from(stream.subarray(offset, offset + length)),
};
const neverAborted = new AbortController().signal;

test('any range is read exactly, by whole pieces, and never much at once', async (t) => {
  const point = fc.integer({ min: 0, max: stream.length });
  await fc.assert(
    fc.asyncProperty(point, point, async (one, other) => {
      const range = { startByte: Math.min(one, other), endByte: Math.max(one, other) };
      const asked: StreamRange[] = [];
      const bytes = await collect(range, {
        fetch: (offset, length, signal) => {
          asked.push({ startByte: offset, endByte: offset + length });
          return honest.fetch(offset, length, signal);
        },
      });
      t.true(bytes.equals(stream.subarray(range.startByte, range.endByte)));
      for (const { startByte, endByte } of asked) {
        t.is(startByte % pieceLengthBytes, 0);
        t.true(endByte % pieceLengthBytes === 0 || endByte === stream.length);
        t.true(endByte - startByte <= 512 * 1024);
      }
    }),
    { numRuns: 100 },
  );
});

test('a wrong bit anywhere in the pieces of a range is found', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 5_000, max: 7_999 }), async (wrongByte) => {
      const fetch: RangeFallback['fetch'] = async (offset, length) => {
        const bytes = Buffer.from(stream.subarray(offset, offset + length));
        bytes.writeUInt8(bytes.readUInt8(wrongByte - offset) ^ 4, wrongByte - offset);
        return bytes;
      };
      const error = await t.throwsAsync(collect({ startByte: 5_500, endByte: 7_200 }, { fetch }), {
        instanceOf: AgentError,
      });
      t.is(error?.code, 'unverified');
    }),
    { numRuns: 20 },
  );
});

test('a frontend that is away, or breaks off, is asked again; one that refuses is not', async (t) => {
  for (const [code, attempts] of [
    ['unreachable', 3],
    ['cut', 3],
    ['refused', 1],
    ['unverified', 1],
  ] as const) {
    let count = 0;
    const fetch: RangeFallback['fetch'] = (...of) => {
      count += 1;
      return count < 3 ? Promise.reject(new AgentError(code, 'away')) : honest.fetch(...of);
    };
    const reading = collect({ startByte: 0, endByte: 10 }, { fetch });
    if (attempts === 1) await t.throwsAsync(reading, { code });
    else t.deepEqual(await reading, stream.subarray(0, 10));
    t.is(count, attempts);
  }
});

test('waiting for a busy frontend ends with the signal, and with the limit', async (t) => {
  const busy: RangeFallback = { fetch: async () => undefined };
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 50);
  const waiting = collect({ startByte: 0, endByte: 10 }, busy, abort.signal);
  await t.throwsAsync(waiting, { name: 'AbortError' });
  await t.throwsAsync(collect({ startByte: 0, endByte: 10 }, busy, neverAborted, 100), {
    code: 'stalled',
  });
});

async function collect(
  range: StreamRange,
  fallback: RangeFallback,
  signal: AbortSignal = neverAborted,
  stallMs = 10_000,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const reader = { metainfo, fallback, reconnectMs: 10_000, stallMs };
  const write = async (bytes: Buffer) => void chunks.push(bytes);
  await readFromFrontend(reader, range, { signal, write });
  return Buffer.concat(chunks);
}
