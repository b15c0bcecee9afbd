import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { writeCpio } from '../../../src/frontend/images/cpio.ts';
import type { CpioEntry } from '../../../src/frontend/images/types.ts';
import { readCpio } from '../../support/read-cpio.ts';

const names = fc
  .stringMatching(/^[a-zA-Z0-9._ é-]{1,12}$/)
  .filter((name) => !/^\.{1,2}$/.test(name));
const paths = fc
  .array(names, { minLength: 1, maxLength: 4, size: 'max' })
  .map((parts) => parts.join('/'))
  .filter((path) => path !== 'TRAILER!!!');
const modes = fc.integer({ min: 0, max: 0o7777 });
const entries: fc.Arbitrary<CpioEntry> = paths.chain((path) =>
  fc.oneof(
    fc.record({
      kind: fc.constant('file' as const),
      path: fc.constant(path),
      mode: modes,
      bytes: fc.uint8Array({ maxLength: 40, size: 'max' }),
    }),
    fc.record({ kind: fc.constant('folder' as const), path: fc.constant(path), mode: modes }),
    fc.record({ kind: fc.constant('link' as const), path: fc.constant(path), target: paths }),
  ),
);
const archives = fc.uniqueArray(entries, {
  selector: ({ path }) => path,
  maxLength: 12,
  size: 'max',
});

test('what is written comes out of a reader of cpio, of root and of no time', (t) => {
  const property = fc.property(archives, (given) => {
    const read = readCpio(writeCpio(given));
    assert.equal(read.length, given.length);
    for (const [at, { path, mode, inode, links, rest, body }] of read.entries()) {
      const entry = given.find((each) => each.path === path);
      assert.ok(entry);
      assert.deepEqual([body, mode], contentOf(entry));
      assert.deepEqual([inode, links], [at + 1, entry.kind === 'folder' ? 2 : 1]);
      assert.ok(rest.every((value) => value === 0));
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 500 }));
});

function contentOf(entry: CpioEntry): readonly [Buffer, number] {
  switch (entry.kind) {
    case 'file':
      return [Buffer.from(entry.bytes), 0o100000 | entry.mode];
    case 'folder':
      return [Buffer.alloc(0), 0o040000 | entry.mode];
    case 'link':
      return [Buffer.from(entry.target), 0o120777];
  }
}

test('the order of the entries changes nothing, and a folder comes before what it holds', (t) => {
  const property = fc.property(archives, (given) => {
    const archive = writeCpio(given);
    assert.deepEqual(writeCpio(given.toReversed()), archive);
    const order = readCpio(archive).map(({ path }) => path);
    for (const [at, path] of order.entries()) {
      const inside = order.findIndex((each) => each.startsWith(`${path}/`));
      assert.ok(inside === -1 || inside > at, `${order[inside]} before ${path}`);
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 500 }));
});

test('paths that would leave the ramdisk, or be there twice, are refused', (t) => {
  const at = (path: string): CpioEntry => ({ kind: 'folder', path, mode: 0o755 });
  const wrong = [
    '',
    '/etc',
    'etc/',
    'a//b',
    '.',
    '..',
    '../a',
    'a/../b',
    'a/.',
    'a\0b',
    'TRAILER!!!',
  ];
  for (const path of wrong) {
    t.throws(() => writeCpio([at(path)]), { code: 'bad-entry' }, JSON.stringify(path));
  }
  t.throws(() => writeCpio([at('a'), at('b'), at('a')]), { code: 'bad-entry', message: /a twice/ });
  t.notThrows(() => writeCpio(['.a', '..a', 'a..', 'a/.b', 'a/...'].map(at)));
});
