import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { WireDecoder } from '../../../src/protocol/peer-wire/decoder.ts';
import {
  type BlockRange,
  encodeBare,
  encodeBitfield,
  encodeExtended,
  encodeHave,
  encodePieceHeader,
  encodeRange,
  keepAlive,
  WireError,
} from '../../../src/protocol/peer-wire/messages.ts';

const maximumMessageBytes = 2000;

/** What a decoder told, in a form that can be compared; blocks with all their bytes. */
function createRecorder(isWanted: (range: BlockRange) => boolean = () => true) {
  const events: string[] = [];
  const targets = new Map<string, Buffer>();
  const decoder = new WireDecoder(
    {
      onMessage: (message) => events.push(JSON.stringify(message)),
      blockTarget: (range) => {
        const target = isWanted(range) ? Buffer.alloc(range.lengthBytes) : undefined;
        events.push(`block ${JSON.stringify(range)} ${target === undefined ? 'passed over' : ''}`);
        if (target !== undefined) targets.set(JSON.stringify(range), target);
        return target;
      },
      onBlock: (range) =>
        events.push(`done ${targets.get(JSON.stringify(range))?.toString('hex')}`),
    },
    { maximumMessageBytes },
  );
  return { decoder, events };
}

const word = fc.nat(0xffff_ffff);
const block = fc
  .tuple(word, word, fc.uint8Array({ maxLength: 300, size: 'max' }))
  .map(([piece, beginByte, bytes]) =>
    Buffer.concat([encodePieceHeader({ piece, beginByte, lengthBytes: bytes.length }), bytes]),
  );
const message = fc.oneof(
  block,
  fc.constant(keepAlive),
  fc.constantFrom(encodeBare('choke'), encodeBare('unchoke'), encodeBare('interested')),
  word.map(encodeHave),
  fc.uint8Array({ maxLength: 300, size: 'max' }).map(encodeBitfield),
  fc.uint8Array({ maxLength: 300, size: 'max' }).map((payload) => encodeExtended(2, payload)),
  word.map((piece) => encodeRange('request', { piece, beginByte: 0, lengthBytes: 16_384 })),
);
const stream = fc.array(message, { maxLength: 12 }).map((messages) => Buffer.concat(messages));
const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });

/** The same bytes in chunks of these sizes, over and over. */
function chunksOf(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(Buffer.from(bytes.subarray(start, start + size)));
    start += size;
  }
  return chunks;
}

/** The events, and the error's code behind them if there was one. */
function decodeAll(chunks: readonly Buffer[], isWanted?: (range: BlockRange) => boolean) {
  const { decoder, events } = createRecorder(isWanted);
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      // The next read may use the same buffer.
      chunk.fill(0xaa);
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    events.push(`failed ${error.code}`);
  }
  return events;
}

test('it does not matter how a stream is cut', (t) => {
  const isWanted = (range: BlockRange) => range.piece % 2 === 0;
  const property = fc.property(stream, cuts, (bytes, sizes) => {
    const whole = decodeAll([Buffer.from(bytes)], isWanted);
    assert.deepEqual(decodeAll(chunksOf(bytes, sizes), isWanted), whole);
    assert.deepEqual(decodeAll(chunksOf(bytes, [1]), isWanted), whole);
    assert.ok(!whole.some((event) => event.startsWith('failed')));
  });
  t.notThrows(() => fc.assert(property, { numRuns: 300 }));
});

test('any bytes, cut anyhow, are messages or fail with the one error, the same one', (t) => {
  const property = fc.property(
    fc.uint8Array({ maxLength: 400, size: 'max' }),
    cuts,
    (random, sizes) => {
      const bytes = Buffer.from(random);
      assert.deepEqual(decodeAll(chunksOf(bytes, sizes)), decodeAll([Buffer.from(bytes)]));
    },
  );
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('short lengths with random bytes behind them do so, too', (t) => {
  const frames = fc
    .array(fc.tuple(fc.nat(20), fc.uint8Array({ maxLength: 20 })), { maxLength: 8 })
    .map((list) =>
      Buffer.concat(list.map(([length, rest]) => Buffer.from([0, 0, 0, length, ...rest]))),
    );
  const property = fc.property(frames, cuts, (bytes, sizes) => {
    assert.deepEqual(decodeAll(chunksOf(bytes, sizes)), decodeAll([Buffer.from(bytes)]));
  });
  t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
});

test('a length past the limit is refused at once, before any of it is kept', (t) => {
  for (const length of [maximumMessageBytes + 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    const { decoder } = createRecorder();
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    t.throws(() => decoder.push(bytes), { instanceOf: WireError, code: 'too-long' });
  }
});

test('a block past the limit is refused before anybody is asked for a place', (t) => {
  const { decoder, events } = createRecorder();
  const header = encodePieceHeader({ piece: 0, beginByte: 0, lengthBytes: 0xffff_ff00 });
  t.throws(() => decoder.push(header), { instanceOf: WireError, code: 'too-long' });
  t.deepEqual(events, []);
});

test('the longest message that is allowed passes', (t) => {
  const bits = new Uint8Array(maximumMessageBytes - 1);
  t.is(decodeAll(chunksOf(encodeBitfield(bits), [7])).length, 1);
});

test('a piece message too short for its own header is refused', (t) => {
  for (const length of [1, 4, 8]) {
    const bytes = Buffer.from([0, 0, 0, length, 7, ...new Uint8Array(8)]);
    t.deepEqual(decodeAll([bytes]), ['failed bad-message']);
  }
});

test('an empty block is a block', (t) => {
  const header = encodePieceHeader({ piece: 3, beginByte: 0, lengthBytes: 0 });
  t.deepEqual(decodeAll(chunksOf(header, [1])), [
    'block {"piece":3,"beginByte":0,"lengthBytes":0} ',
    'done ',
  ]);
});

test('bytes nobody asked for are passed over and not kept', (t) => {
  const decoder = new WireDecoder(
    { onMessage: () => {}, blockTarget: () => undefined, onBlock: () => t.fail() },
    { maximumMessageBytes: 64 * 1024 * 1024 },
  );
  const lengthBytes = 32 * 1024 * 1024;
  decoder.push(encodePieceHeader({ piece: 0, beginByte: 0, lengthBytes }));
  const before = process.memoryUsage().arrayBuffers;
  const chunk = randomBytes(64 * 1024);
  for (let done = 0; done < lengthBytes; done += chunk.length) decoder.push(chunk);
  t.true(process.memoryUsage().arrayBuffers - before < 4 * 1024 * 1024);
});

test('what its listener throws comes out of push', (t) => {
  const decoder = new WireDecoder(
    {
      onMessage: () => {
        throw new WireError('bad-message', 'no');
      },
      blockTarget: () => undefined,
      onBlock: () => {},
    },
    { maximumMessageBytes },
  );
  t.throws(() => decoder.push(encodeHave(1)), { message: 'no' });
});
