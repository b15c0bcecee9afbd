import test from 'ava';
import fc from 'fast-check';
import type { ManifestFile } from '../../src/protocol/manifest.ts';
import { createTreeIndex } from '../../src/protocol/tree-index.ts';

function file(path: string, size: number): ManifestFile {
  return { path, size, mtimeMs: 0, sha256: '0'.repeat(64) };
}

test('a file is found at its place in the stream', (t) => {
  const index = createTreeIndex({ files: [file('a', 3), file('b/c', 5), file('d', 0)], links: [] });
  t.is(index.lookup('a')?.offsetBytes, 0);
  t.is(index.lookup('b/c')?.offsetBytes, 3);
  t.is(index.lookup('d')?.offsetBytes, 8);
  t.is(index.lookup('b'), undefined);
  t.is(index.lookup('constructor'), undefined);
});

test('links to files and folders are followed, also in chains', (t) => {
  const index = createTreeIndex({
    files: [file('dists/bookworm/Release', 3)],
    links: [
      { path: 'dists/stable', target: 'dists/bookworm' },
      { path: 'dists/current', target: 'dists/stable' },
      { path: 'Release', target: 'dists/current/Release' },
    ],
  });
  for (const path of ['dists/stable/Release', 'dists/current/Release', 'Release']) {
    t.is(index.lookup(path)?.file.path, 'dists/bookworm/Release');
  }
  t.is(index.lookup('dists/stable'), undefined);
  t.is(index.lookup('dists/stable/other'), undefined);
});

test('a link may lead to the tree itself', (t) => {
  const index = createTreeIndex({
    files: [file('dists/stable', 1)],
    links: [{ path: 'debian', target: '' }],
  });
  t.is(index.lookup('debian/dists/stable')?.file.path, 'dists/stable');
  t.is(index.lookup('debian/debian/dists/stable')?.file.path, 'dists/stable');
  t.is(index.lookup('debian'), undefined);
});

test('links in a circle, or growing without end, find nothing', (t) => {
  const index = createTreeIndex({
    files: [file('a', 1)],
    links: [
      { path: 'x', target: 'y' },
      { path: 'y', target: 'x' },
      { path: 'z', target: 'z/z' },
    ],
  });
  t.is(index.lookup('x'), undefined);
  t.is(index.lookup('x/a'), undefined);
  t.is(index.lookup('z/a'), undefined);
});

test('the spans of any range are its bytes, in order, each once', (t) => {
  const sizes = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 30, size: 'max' });
  const property = fc.property(sizes, fc.nat(200), fc.nat(200), (list, offset, length) => {
    const files = list.map((size, at) => file(String(at), size));
    const stream = files.flatMap((each) =>
      Array.from({ length: each.size }, (_, byte) => `${each.path}:${byte}`),
    );
    const got = createTreeIndex({ files, links: [] })
      .spans(offset, length)
      .flatMap((span) =>
        Array.from(
          { length: span.endByte - span.startByte },
          (_, at) => `${span.file.path}:${span.startByte + at}`,
        ),
      );
    t.deepEqual(got, stream.slice(offset, offset + length));
  });
  t.notThrows(() => fc.assert(property));
});
