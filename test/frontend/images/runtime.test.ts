import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import test from 'ava';
import fc from 'fast-check';
import { readElf } from '../../../src/frontend/images/elf.ts';
import { findForeignTables } from '../../../src/frontend/images/locale-data.ts';
import { readRuntime, slimRuntime } from '../../../src/frontend/images/runtime.ts';
import type { Architecture } from '../../../src/frontend/images/types.ts';

const architecture: Architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
const node = await readFile(process.execPath);

test('Node’s header says what it is for, and which libraries it needs', (t) => {
  const elf = readElf(node, process.execPath);
  t.is(elf.architecture, architecture);
  t.true(elf.needed.includes('libc.so.6'));
  t.true(elf.needed.includes('libstdc++.so.6'));
  t.regex(elf.interpreter ?? '', /^\/lib.*\/ld-linux-/);
  t.true(elf.loadedBytes > 50_000_000 && elf.loadedBytes <= node.length);
  t.is(
    elf.findSymbol((name) => name === 'no such name'),
    undefined,
  );
});

test('what is no program, or one cut short, is refused and nothing worse', (t) => {
  const cuts = fc.integer({ min: 0, max: 6_000_000 }).map((length) => node.subarray(0, length));
  const bytes = fc.uint8Array({ maxLength: 300, size: 'max' }).map((each) => Buffer.from(each));
  const damaged = fc.tuple(fc.nat(200), fc.nat(255)).map(([at, byte]) => {
    const copy = Buffer.from(node.subarray(0, 1_000_000));
    copy[at] = byte;
    return copy;
  });
  const property = fc.property(fc.oneof(cuts, bytes, damaged), (text) => {
    try {
      readElf(text, 'x').findSymbol(() => false);
    } catch (error) {
      assert.match(String(error), /^ImageError: expected a program for 64-bit Linux in 'x', got /);
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 200 }));
});

test('a slim Node is shorter, and mostly zeros where ICU’s languages were', (t) => {
  const { bytes, warnings } = slimRuntime(node, process.execPath, architecture);
  t.deepEqual(warnings, []);
  t.is(bytes.length, readElf(node, process.execPath).loadedBytes);
  const place = readElf(node, process.execPath).findSymbol((name) => /^icudt\d+_dat$/.test(name));
  const { start = 0, sizeBytes = 0 } = place ?? {};
  const tables = bytes.subarray(start, start + sizeBytes);
  const zeros = tables.reduce((count, byte) => count + Number(byte === 0), 0);
  t.true(zeros > 25_000_000, `${zeros} zeros`);
  t.deepEqual(readElf(bytes, 'slim').needed, readElf(node, process.execPath).needed);
});

test('a Node for another processor is refused, and one that is not there said how to get', async (t) => {
  const other = architecture === 'x64' ? 'arm64' : 'x64';
  t.throws(() => slimRuntime(node, 'node', other), {
    code: 'bad-binary',
    message: /another processor/,
  });
  await t.throwsAsync(readRuntime('/nonexistent/node', other), {
    code: 'no-runtime',
    message: new RegExp(`npm install --prefix FOLDER --force node-linux-${other}@`),
  });
});

test('of ICU’s data what is not English goes, and what English needs stays', (t) => {
  const stay = [
    'root.res',
    'pool.res',
    'en.res',
    'en_US.res',
    'zone/en.res',
    'nfkc.nrm',
    'coll/ucadata.icu',
  ];
  const go = [
    'de.res',
    'zone/de_AT.res',
    'fil.res',
    'lang/az_Cyrl_AZ.res',
    'gb18030-2022.cnv',
    'brkitr/thaidict.dict',
  ];
  const names = [...stay, ...go];
  const data = icuData(names.map((name) => [`icudt78l/${name}`, contentOf(name)]));
  const gone = findForeignTables(data);
  t.is(gone?.length, go.length);
  for (const { start, sizeBytes } of gone ?? []) data.fill(0, start, start + sizeBytes);
  for (const name of names) {
    t.is(data.includes(contentOf(name)), stay.includes(name), name);
  }
  t.is(findForeignTables(Buffer.alloc(64)), undefined);
});

function contentOf(name: string): Buffer {
  return createHash('md5').update(name).digest();
}

/** As ICU's tool packs it: a header, a table of contents, the names, the contents. */
function icuData(items: readonly (readonly [string, Buffer])[]): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt16LE(32, 0);
  header.writeUInt16LE(0x27da, 2);
  header.write('CmnD', 12, 'latin1');
  const names = Buffer.from(items.map(([name]) => `${name}\0`).join(''));
  const table = Buffer.alloc(4 + items.length * 8);
  table.writeUInt32LE(items.length, 0);
  let nameAt = table.length;
  let at = table.length + names.length;
  for (const [index, [name, content]] of items.entries()) {
    table.writeUInt32LE(nameAt, 4 + index * 8);
    table.writeUInt32LE(at, 8 + index * 8);
    nameAt += name.length + 1;
    at += content.length;
  }
  return Buffer.concat([header, table, names, ...items.map(([, content]) => content)]);
}
