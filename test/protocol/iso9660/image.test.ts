import test from 'ava';
import fc from 'fast-check';
import { IsoError, malformed } from '../../../src/protocol/iso9660/errors.ts';
import { type ImageEntry, readImage } from '../../../src/protocol/iso9660/image.ts';
import { type ImageNames, type ImageNode, makeIsoImage } from '../../support/iso-image.ts';

const nodes: readonly ImageNode[] = [
  { name: 'Release', content: 'Suite: stable\n' },
  { name: 'empty', content: '' },
  { name: 'pool', children: [{ name: 'a+b~1 %:ü.deb', content: 'x'.repeat(5000) }] },
  { name: 'stable', link: 'pool/../pool' },
  { name: 'outside', link: '/etc/passwd' },
  { name: 'device', mode: 0o020600 },
];

async function entriesOf(image: Buffer): Promise<ImageEntry[]> {
  const read = async (offset: number, length: number) => {
    if (offset + length > image.length) throw malformed('more bytes', 'the end');
    return image.subarray(offset, offset + length);
  };
  return Array.fromAsync(readImage({ read, sizeBytes: image.length }));
}

function contentOf(image: Buffer, entry: ImageEntry | undefined): string | undefined {
  if (entry?.kind !== 'file') return undefined;
  return entry.extents
    .map(({ offsetBytes, sizeBytes }) =>
      image.toString('utf8', offsetBytes, offsetBytes + sizeBytes),
    )
    .join('');
}

test('Rock Ridge gives names, links and types', async (t) => {
  const image = makeIsoImage(nodes, 'rock-ridge');
  const entries = await entriesOf(image);
  t.deepEqual(
    entries.map(({ kind, path }) => `${kind} ${path}`),
    [
      ...['file Release', 'file empty', 'folder pool', 'link stable', 'link outside'],
      ...['left-out device', 'file pool/a+b~1 %:ü.deb'],
    ],
  );
  t.is(contentOf(image, entries.at(0)), 'Suite: stable\n');
  t.is(contentOf(image, entries.at(1)), '');
  t.is(contentOf(image, entries.at(-1)), 'x'.repeat(5000));
  t.deepEqual(entries.at(3), { kind: 'link', path: 'stable', target: 'pool/../pool' });
  t.deepEqual(entries.at(4), { kind: 'link', path: 'outside', target: '/etc/passwd' });
});

test('a time is told with its offset', async (t) => {
  const [file] = await entriesOf(makeIsoImage(nodes, 'rock-ridge'));
  t.is(file?.kind === 'file' && file.mtimeMs, Date.UTC(2008, 10, 1, 10));
});

test('Joliet gives names where Rock Ridge does not', async (t) => {
  const entries = await entriesOf(makeIsoImage(nodes, 'joliet'));
  t.true(entries.some(({ path }) => path === 'pool/a+b~1 %:ü.deb'));
});

test('plain names are shown in lower case and without a version', async (t) => {
  const entries = await entriesOf(makeIsoImage(nodes, 'plain'));
  t.true(entries.some(({ path }) => path === 'release'));
  t.true(entries.some(({ path }) => path === 'empty'));
});

test('names that could lead elsewhere are left out', async (t) => {
  const image = makeIsoImage(
    [
      { name: '../../etc/passwd', content: 'x' },
      { name: '..', content: 'x' },
    ],
    'rock-ridge',
  );
  for (const entry of await entriesOf(image)) t.is(entry.kind, 'left-out');
});

test('what is no image, and an image cut short, are refused', async (t) => {
  await t.throwsAsync(entriesOf(Buffer.alloc(100_000)), { instanceOf: IsoError });
  const image = makeIsoImage(nodes, 'rock-ridge');
  const error = await t.throwsAsync(entriesOf(image.subarray(0, image.length - 4096)));
  t.true(error instanceof IsoError);
  t.regex(error?.message ?? '', /pool/);
});

test('a folder that holds itself is refused', async (t) => {
  const image = makeIsoImage([{ name: 'pool', children: [] }], 'rock-ridge');
  const record = image.indexOf('POOL;1') - 33;
  const rootBlock = 19;
  image.writeUInt32LE(rootBlock, record + 2);
  await t.throwsAsync(entriesOf(image), { instanceOf: IsoError, message: /again/ });
});

test('any damage ends with entries or an IsoError', async (t) => {
  const pristine = new Map(
    (['rock-ridge', 'joliet', 'plain'] as const).map((names) => [
      names,
      makeIsoImage(nodes, names),
    ]),
  );
  const damage = fc.array(
    fc.record({ at: fc.integer({ min: 16 * 2048, max: 25 * 2048 }), value: fc.nat(255) }),
    { minLength: 1, maxLength: 30 },
  );
  const names = fc.constantFrom<ImageNames>('rock-ridge', 'joliet', 'plain');
  const property = fc.asyncProperty(damage, names, async (changes, kind) => {
    const image = Buffer.from(pristine.get(kind) ?? []);
    for (const { at, value } of changes) if (at < image.length) image[at] = value;
    try {
      await entriesOf(image);
    } catch (error) {
      if (!(error instanceof IsoError)) throw error;
    }
  });
  await t.notThrowsAsync(fc.assert(property, { numRuns: 500 }));
});
