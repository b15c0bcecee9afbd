import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import test from 'ava';
import createTorrent from 'create-torrent';
import fc from 'fast-check';
import parseTorrent from 'parse-torrent';
import { type BencodeValue, encodeBencode } from '../../src/protocol/bencode.ts';
import {
  choosePieceLengthBytes,
  createMetainfo,
  decodeTorrent,
  encodeTorrent,
  type Metainfo,
  MetainfoError,
  pieceSizeBytes,
} from '../../src/protocol/metainfo.ts';

const segment = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => text !== '.' && text !== '..' && !/[/\0]/.test(text) && text.isWellFormed());
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

const metainfoOfTree = fc
  .record({
    name: segment,
    pieceLengthBytes: fc.constantFrom(16_384, 65_536, 262_144),
    files: fc.array(fc.record({ path, sizeBytes: fc.nat(3_000_000) }, { noNullPrototype: true }), {
      minLength: 1,
      maxLength: 6,
    }),
  })
  .map((input) => withHashes({ ...input, singleFile: false }));
const metainfoOfFile = fc
  .record({ name: segment, pieceLengthBytes: fc.constant(65_536), sizeBytes: fc.nat(3_000_000) })
  .map(({ name, pieceLengthBytes, sizeBytes }) =>
    withHashes({ name, pieceLengthBytes, files: [{ path: name, sizeBytes }], singleFile: true }),
  );
const anyMetainfo = fc.oneof(metainfoOfTree, metainfoOfFile);
const urls = fc.array(fc.webUrl(), { maxLength: 3 });
const anySources = fc.record({ trackers: urls, webSeeds: urls }, { noNullPrototype: true });

function withHashes(input: Omit<Parameters<typeof createMetainfo>[0], 'pieceHashes'>): Metainfo {
  const total = input.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const pieceHashes = Buffer.concat(
    Array.from({ length: Math.ceil(total / input.pieceLengthBytes) }, (_, piece) =>
      createHash('sha1').update(String(piece)).digest(),
    ),
  );
  return createMetainfo({ ...input, pieceHashes });
}

function decodesOrFails(bytes: Uint8Array): boolean {
  try {
    return decodeTorrent(bytes).metainfo.pieceCount >= 0;
  } catch (error) {
    if (error instanceof MetainfoError) return true;
    throw error;
  }
}

type Info = { readonly [key: string]: BencodeValue };
const plainInfo: Info = {
  length: 100_000,
  name: 'a.rpm',
  'piece length': 65_536,
  pieces: new Uint8Array(40),
};
const torrentOf = (info: Info) => encodeBencode({ info });

test('a torrent comes back as it was made', (t) => {
  const property = fc.property(anyMetainfo, anySources, (metainfo, sources) => {
    const decoded = decodeTorrent(encodeTorrent(metainfo, sources));
    assert.deepEqual(decoded, { metainfo, sources });
  });
  t.notThrows(() => fc.assert(property));
});

test('parse-torrent reads our torrents as we mean them', async (t) => {
  const property = fc.asyncProperty(anyMetainfo, anySources, async (metainfo, sources) => {
    const parsed = await parseTorrent(encodeTorrent(metainfo, sources));
    assert.equal(parsed.infoHash, metainfo.infohash);
    assert.equal(parsed.name, metainfo.name);
    assert.equal(parsed.private, true);
    assert.equal(parsed.length, metainfo.totalSizeBytes);
    assert.equal(parsed.pieceLength, metainfo.pieceLengthBytes);
    assert.equal(parsed.pieces.join(''), metainfo.pieceHashes.toString('hex'));
    assert.deepEqual(parsed.announce, [...new Set(sources.trackers)]);
    assert.deepEqual(parsed.urlList, [...new Set(sources.webSeeds)]);
    const prefix = metainfo.singleFile ? '' : `${metainfo.name}/`;
    assert.deepEqual(
      parsed.files.map((file) => [file.path, file.length]),
      metainfo.files.map((file) => [prefix + file.path, file.sizeBytes]),
    );
    if (metainfo.pieceCount === 0) return;
    assert.equal(parsed.lastPieceLength, pieceSizeBytes(metainfo, metainfo.pieceCount - 1));
  });
  await t.notThrowsAsync(fc.assert(property));
});

test('we read what create-torrent makes, and make the same of the same files', async (t) => {
  const make = promisify(createTorrent);
  const contents = fc.array(
    fc.record({ path, bytes: fc.uint8Array({ maxLength: 50_000, size: 'max' }) }),
    {
      minLength: 2,
      maxLength: 4,
    },
  );
  const property = fc.asyncProperty(contents, async (files) => {
    const input = files.map((file) =>
      Object.assign(Buffer.from(file.bytes), { name: `root/${file.path}` }),
    );
    const made = await make(input, {
      name: 'tree',
      pieceLength: 16_384,
      private: true,
      announceList: [['http://10.1.1.1:6969/announce'], ['http://10.1.1.2:6969/announce']],
      urlList: ['http://10.1.1.1/install/tree/'],
    });
    const parsed = await parseTorrent(made);
    const { metainfo, sources } = decodeTorrent(made);
    assert.equal(metainfo.infohash, parsed.infoHash);
    assert.deepEqual(
      metainfo.files.map((file) => [`tree/${file.path}`, file.sizeBytes]),
      parsed.files.map((file) => [file.path, file.length]),
    );
    assert.deepEqual(sources, {
      trackers: ['http://10.1.1.1:6969/announce', 'http://10.1.1.2:6969/announce'],
      webSeeds: ['http://10.1.1.1/install/tree/'],
    });
    assert.equal(createMetainfo(metainfo).infohash, parsed.infoHash);
  });
  await t.notThrowsAsync(fc.assert(property, { numRuns: 30 }));
});

test('any bytes are a torrent or fail with the one error', (t) => {
  const random = fc.property(fc.uint8Array({ maxLength: 300, size: 'max' }), decodesOrFails);
  t.notThrows(() => fc.assert(random));
  const changed = fc.property(anyMetainfo, fc.nat(), fc.nat(255), (metainfo, place, byte) => {
    const bytes = encodeTorrent(metainfo, { trackers: [], webSeeds: [] });
    bytes[place % bytes.length] = byte;
    return decodesOrFails(bytes) && decodesOrFails(bytes.subarray(0, place % bytes.length));
  });
  t.notThrows(() => fc.assert(changed, { numRuns: 500 }));
});

test('an infohash covers keys of the info dictionary that we do not know', async (t) => {
  const bytes = torrentOf({ ...plainInfo, source: 'somewhere', 'x-nested': [{ a: 1 }] });
  const parsed = await parseTorrent(bytes);
  t.is(decodeTorrent(bytes).metainfo.infohash, parsed.infoHash);
});

test('files over 4 GiB keep their size', (t) => {
  const sizeBytes = 5 * 2 ** 40 + 1;
  const pieceLengthBytes = choosePieceLengthBytes(sizeBytes);
  const metainfo = withHashes({
    name: 'disk.img',
    pieceLengthBytes,
    files: [{ path: 'disk.img', sizeBytes }],
    singleFile: true,
  });
  const decoded = decodeTorrent(encodeTorrent(metainfo, { trackers: [], webSeeds: [] })).metainfo;
  t.is(decoded.totalSizeBytes, sizeBytes);
  t.is(pieceSizeBytes(decoded, decoded.pieceCount - 1), 1);
});

test('a torrent of nothing has no pieces', (t) => {
  const metainfo = withHashes({
    name: 'empty',
    pieceLengthBytes: 65_536,
    files: [{ path: 'empty', sizeBytes: 0 }],
    singleFile: true,
  });
  const bytes = encodeTorrent(metainfo, { trackers: [], webSeeds: [] });
  t.is(decodeTorrent(bytes).metainfo.pieceCount, 0);
});

const wrong: readonly (readonly [string, Info])[] = [
  ['no pieces', { ...plainInfo, pieces: new Uint8Array(0) }],
  ['one piece hash too few', { ...plainInfo, pieces: new Uint8Array(20) }],
  ['a torn piece hash', { ...plainInfo, pieces: new Uint8Array(39) }],
  ['pieces that are a number', { ...plainInfo, pieces: 1 }],
  ['a piece length of 0', { ...plainInfo, 'piece length': 0 }],
  ['a piece length below 0', { ...plainInfo, 'piece length': -65_536 }],
  ['pieces of a terabyte', { ...plainInfo, 'piece length': 2 ** 40, pieces: Buffer.alloc(20) }],
  ['a size below 0', { ...plainInfo, length: -1 }],
  ['a size that is a string', { ...plainInfo, length: '1' }],
  ['neither length nor files', { name: 'a', 'piece length': 65_536, pieces: Buffer.alloc(0) }],
  ['files that are no list', { ...plainInfo, files: 1 }],
  ['a file that is no dictionary', { ...plainInfo, files: [1] }],
  ['a name with a slash', { ...plainInfo, name: 'a/b' }],
  ['a name that leads out', { ...plainInfo, name: '..' }],
  ['an empty name', { ...plainInfo, name: '' }],
];

for (const [what, info] of wrong) {
  test(`a torrent with ${what} is refused`, (t) => {
    t.throws(() => decodeTorrent(torrentOf(info)), { instanceOf: MetainfoError });
  });
}

const paths = [[], [''], ['..'], ['a', '..', 'b'], ['.'], ['a/../../b'], ['/etc/passwd'], ['a\0']];

for (const parts of paths) {
  test(`a file at ${JSON.stringify(parts)} is refused`, (t) => {
    const { length, ...rest } = plainInfo;
    const files = [{ length: Number(length), path: parts }];
    t.throws(() => decodeTorrent(torrentOf({ ...rest, files })), { instanceOf: MetainfoError });
  });
}

test('sizes that add up past what a number can hold are refused', (t) => {
  const { length: _, ...rest } = plainInfo;
  const files = ['a', 'b', 'c'].map((name) => ({ length: Number.MAX_SAFE_INTEGER, path: [name] }));
  const info = {
    ...rest,
    files,
    'piece length': Number.MAX_SAFE_INTEGER,
    pieces: Buffer.alloc(60),
  };
  t.throws(() => decodeTorrent(torrentOf(info)), { instanceOf: MetainfoError });
});

test('lists within lists are refused, however deep', (t) => {
  for (const depth of [10, 100, 1000, 10_000]) {
    const nested = `${'l'.repeat(depth)}${'e'.repeat(depth)}`;
    t.true(decodesOrFails(Buffer.from(`d13:announce-list${nested}4:infodee`)));
    t.true(decodesOrFails(Buffer.from(`d4:infod5:files${nested}ee`)));
  }
});

test('the piece length is the smallest power of two that keeps a tree at 65,536 pieces', (t) => {
  const property = fc.property(fc.integer({ min: 0, max: 2 ** 48 }), (sizeBytes) => {
    const length = choosePieceLengthBytes(sizeBytes);
    assert.equal(Math.log2(length) % 1, 0);
    assert.ok(length >= 65_536 && sizeBytes / length <= 65_536);
    assert.ok(length === 65_536 || sizeBytes / (length / 2) > 65_536);
  });
  t.notThrows(() => fc.assert(property));
});

test('the sizes of all pieces add up to the whole', (t) => {
  const property = fc.property(anyMetainfo, (metainfo) => {
    const pieces = Array.from({ length: metainfo.pieceCount }, (_, piece) => piece);
    const sizes = pieces.map((piece) => pieceSizeBytes(metainfo, piece));
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      metainfo.totalSizeBytes,
    );
    assert.ok(sizes.every((size) => size > 0 && size <= metainfo.pieceLengthBytes));
  });
  t.notThrows(() => fc.assert(property));
});
