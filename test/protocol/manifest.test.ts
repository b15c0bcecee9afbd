import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import {
  keyIdOf,
  type Manifest,
  ManifestError,
  parseManifest,
  signManifest,
} from '../../src/protocol/manifest.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');

const segment = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 8 })
  .filter((text) => text !== '.' && text !== '..' && !/[/\0]/.test(text));
const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });

const plainObject = { noNullPrototype: true } as const;
const anyManifest: fc.Arbitrary<Manifest> = fc.record(
  {
    format: fc.constant(1 as const),
    tree: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,20}$/).filter((name) => name !== 'sbin'),
    generation: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    createdAt: fc.string({ unit: 'binary' }),
    infohash: hex(40),
    pieceLength: fc.integer({ min: 1 }),
    totalSize: fc.nat(Number.MAX_SAFE_INTEGER),
    files: fc.array(
      fc.record(
        {
          path,
          size: fc.nat(Number.MAX_SAFE_INTEGER),
          mtimeMs: fc.maxSafeInteger(),
          sha256: hex(64),
        },
        plainObject,
      ),
      { maxLength: 4 },
    ),
    links: fc.array(fc.record({ path, target: fc.oneof(path, fc.constant('')) }, plainObject), {
      maxLength: 2,
    }),
  },
  plainObject,
);

const small: Manifest = {
  format: 1,
  tree: 'debian',
  generation: 1,
  createdAt: '2026-01-01T00:00:00Z',
  infohash: '0'.repeat(40),
  pieceLength: 65_536,
  totalSize: 3,
  files: [{ path: 'a', size: 3, mtimeMs: 0, sha256: '0'.repeat(64) }],
  links: [],
};

/** The signed document with its `signed` part changed, the signature left as it was. */
function tamper(change: (signed: Record<string, unknown>) => void): string {
  const document = JSON.parse(signManifest(small, privateKey));
  change(document.signed);
  return JSON.stringify(document);
}

function parsesOrFails(text: string): boolean {
  try {
    return parseManifest(text, publicKey).format === 1;
  } catch (error) {
    if (error instanceof ManifestError) return true;
    throw error;
  }
}

test('a signed manifest comes back as it was', (t) => {
  const property = fc.property(anyManifest, (manifest) => {
    const text = signManifest(manifest, privateKey);
    assert.deepEqual(parseManifest(text, publicKey), manifest);
    assert.deepEqual(parseManifest(text, undefined), manifest);
  });
  t.notThrows(() => fc.assert(property));
});

test('the order of its keys does not matter to the signature', (t) => {
  const backwards = Object.fromEntries(Object.entries(small).reverse()) as Manifest;
  t.deepEqual(parseManifest(signManifest(backwards, privateKey), publicKey), small);
});

test('a manifest that says more than we know is still verified', (t) => {
  const more: Manifest & { readonly later: string } = { ...small, later: 'x' };
  t.deepEqual(parseManifest(signManifest(more, privateKey), publicKey), small);
});

test('a manifest that was laid out anew is still verified', (t) => {
  const text = JSON.stringify(JSON.parse(signManifest(small, privateKey)), null, 2);
  t.deepEqual(parseManifest(text, publicKey), small);
});

test('every change of what was signed is found', (t) => {
  const changes: ((signed: Record<string, unknown>) => void)[] = [
    (signed) => Object.assign(signed, { infohash: '1'.repeat(40) }),
    (signed) => Object.assign(signed, { generation: 2 }),
    (signed) => Object.assign(signed, { tree: 'debian2' }),
    (signed) => Object.assign(signed, { createdAt: '' }),
    (signed) => Object.assign(signed, { files: [] }),
    (signed) => Object.assign(signed, { links: [{ path: 'b', target: 'a' }] }),
    (signed) => Object.assign(signed, { totalSize: 4 }),
    (signed) => Object.assign(signed, { added: true }),
  ];
  for (const change of changes) {
    const thrown = t.throws(() => parseManifest(tamper(change), publicKey));
    t.true(thrown instanceof ManifestError && thrown.code === 'bad-signature', thrown.message);
  }
});

test('a change of any one byte is found, or changes nothing', (t) => {
  const text = signManifest(small, privateKey);
  const property = fc.property(
    fc.nat(text.length - 1),
    fc.integer({ min: 32, max: 126 }),
    (at, code) => {
      const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
      try {
        assert.deepEqual(parseManifest(changed, publicKey), small);
      } catch (error) {
        if (!(error instanceof ManifestError)) throw error;
      }
    },
  );
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('a manifest signed by another key is refused, and names both keys', (t) => {
  const text = signManifest(small, other.privateKey);
  const error = t.throws(() => parseManifest(text, publicKey), { instanceOf: ManifestError });
  t.true(error.message.includes(keyIdOf(publicKey)));
  t.true(error.message.includes(keyIdOf(other.publicKey)));
  t.is(error.message.includes('\n'), false);
});

test('a claim of the right key helps nobody', (t) => {
  const document = JSON.parse(signManifest(small, other.privateKey));
  document.signature.keyId = keyIdOf(publicKey);
  const text = JSON.stringify(document);
  t.throws(() => parseManifest(text, publicKey), {
    instanceOf: ManifestError,
    code: 'bad-signature',
  });
});

test('signatures of a wrong length are refused', (t) => {
  for (const value of ['', 'AAAA', Buffer.alloc(63).toString('base64'), 'A'.repeat(4000), '*']) {
    const document = JSON.parse(signManifest(small, privateKey));
    document.signature.value = value;
    const text = JSON.stringify(document);
    t.throws(() => parseManifest(text, publicKey), { instanceOf: ManifestError });
  }
});

const malformed: readonly (readonly [string, (signed: Record<string, unknown>) => void])[] = [
  [
    'a path that leads out',
    (m) => Object.assign(m, { files: [{ ...small.files[0], path: '../a' }] }),
  ],
  ['an absolute path', (m) => Object.assign(m, { files: [{ ...small.files[0], path: '/a' }] })],
  ['a size below 0', (m) => Object.assign(m, { files: [{ ...small.files[0], size: -1 }] })],
  [
    'a size that is not whole',
    (m) => Object.assign(m, { files: [{ ...small.files[0], size: 0.5 }] }),
  ],
  ['a size past 2^53', (m) => Object.assign(m, { totalSize: 2 ** 53 })],
  ['a link that leads out', (m) => Object.assign(m, { links: [{ path: 'b', target: '../etc' }] })],
  ['a tree name with a slash', (m) => Object.assign(m, { tree: 'a/b' })],
  ['another format', (m) => Object.assign(m, { format: 2 })],
  ['generation 0', (m) => Object.assign(m, { generation: 0 })],
  ['an infohash of another length', (m) => Object.assign(m, { infohash: '0'.repeat(64) })],
];

for (const [what, change] of malformed) {
  test(`a manifest with ${what} is refused, also without a key`, (t) => {
    t.throws(() => parseManifest(tamper(change), undefined), {
      instanceOf: ManifestError,
      code: 'malformed',
    });
  });
}

test('any text is a manifest or fails with the one error', (t) => {
  const property = fc.property(fc.oneof(fc.string(), fc.json()), parsesOrFails);
  t.notThrows(() => fc.assert(property, { numRuns: 500 }));
  const inside = fc.property(fc.jsonValue(), fc.jsonValue(), (signed, signature) =>
    parsesOrFails(JSON.stringify({ signed, signature })),
  );
  t.notThrows(() => fc.assert(inside, { numRuns: 500 }));
});

test('nesting without end is refused with the one error', (t) => {
  const signature = { algorithm: 'ed25519', keyId: keyIdOf(publicKey), value: 'AAAA' };
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  t.true(parsesOrFails(`{"signed":${deep},"signature":${JSON.stringify(signature)}}`));
  t.true(parsesOrFails('['.repeat(1_000_000)));
});
