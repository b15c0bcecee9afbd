import test from 'ava';
import fc from 'fast-check';
import { findDictionarySpans } from '../../src/installer-agent/bencode-spans.ts';
import { AgentError } from '../../src/installer-agent/errors.ts';
import { readTreeTorrent } from '../../src/installer-agent/tree-torrent.ts';
import { encodeBencode } from '../../src/protocol/bencode.ts';
import { isSafeTreePath } from '../../src/protocol/install-path.ts';
import { decodeTorrent, encodeTorrent } from '../../src/protocol/metainfo.ts';
import { bytesOf, makeKeys, makeSmallTree } from '../support/small-tree.ts';

const keys = makeKeys();
const tree = makeSmallTree({
  keys,
  files: { 'a/b.rpm': bytesOf('b', 70_000), 'ä ~+%': 'x', empty: '' },
});
const paths = fc.string({ unit: 'grapheme', minLength: 1 }).filter(isSafeTreePath);

test('the torrent of any tree is read as a torrent decoder reads it', (t) => {
  const files = fc.dictionary(
    paths,
    fc.uint8Array({ maxLength: 300, size: 'max' }).map(Buffer.from),
  );
  fc.assert(
    fc.property(files, fc.integer({ min: 1, max: 200 }), (contents, pieceLengthBytes) => {
      const any = makeSmallTree({ keys, files: contents, pieceLengthBytes });
      const { metainfo } = readTreeTorrent(any.torrent, any.manifest);
      t.deepEqual(metainfo, decodeTorrent(any.torrent).metainfo);
    }),
    { numRuns: 50 },
  );
});

test('trackers are taken from the list, else from the one, and only those by HTTP', (t) => {
  const trackers = (...urls: readonly string[]) =>
    readTreeTorrent(encodeTorrent(tree.metainfo, { trackers: urls, webSeeds: [] }), tree.manifest)
      .trackers;
  t.deepEqual(trackers(), []);
  t.deepEqual(trackers('http://10.1.1.1/announce'), ['http://10.1.1.1/announce']);
  t.deepEqual(trackers('udp://10.1.1.1:6969', 'http://a/announce', 'http://b/announce'), [
    'http://a/announce',
    'http://b/announce',
  ]);
});

test('a torrent with one byte changed is not taken', (t) => {
  const { torrent, manifest } = tree;
  const infoAt = torrent.indexOf('4:info');
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.integer({ min: infoAt, max: torrent.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, change) => {
          const changed = Buffer.from(torrent);
          changed.writeUInt8(changed.readUInt8(at) ^ change, at);
          try {
            // A key that this reader does not look at may change.
            return readTreeTorrent(changed, manifest).metainfo.infohash === manifest.infohash;
          } catch (error) {
            return error instanceof AgentError && error.code === 'unverified';
          }
        },
      ),
    ),
  );
});

test('sizes that do not add up are refused though they were signed', (t) => {
  const refused = (change: object) =>
    t.throws(() => readTreeTorrent(tree.torrent, { ...tree.manifest, ...change }), {
      code: 'unverified',
    });
  refused({ totalSize: 1 });
  refused({ pieceLength: 1 });
  refused({ files: [...tree.manifest.files].reverse() });
  refused({ files: tree.manifest.files.slice(1) });
});

test('any bytes are a dictionary or AgentError', (t) => {
  const almost = fc.stringMatching(/^d[0-9:ilde ax]{0,40}$/).map((text) => Buffer.from(text));
  const any = fc.uint8Array().map(Buffer.from);
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.oneof(any, almost), (bytes) => {
        try {
          findDictionarySpans(bytes, 0);
          return true;
        } catch (error) {
          return error instanceof AgentError;
        }
      }),
      { numRuns: 2_000 },
    ),
  );
});

test('the spans of a dictionary are its values', (t) => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.integer(),
      fc.string(),
      fc.array(tie('any')),
      fc.dictionary(fc.string(), tie('any')),
    ),
  })).any;
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]*$/), value), (dictionary) => {
        const bytes = encodeBencode(dictionary as Parameters<typeof encodeBencode>[0]);
        for (const [key, { start, end }] of findDictionarySpans(bytes, 0)) {
          const expected = encodeBencode(dictionary[key] as Parameters<typeof encodeBencode>[0]);
          if (!expected.equals(bytes.subarray(start, end))) return false;
        }
        return true;
      }),
    ),
  );
});
