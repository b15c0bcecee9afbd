import assert from 'node:assert/strict';
import { posix } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import {
  checkTreeName,
  InstallPathError,
  installUrlPath,
  isSafeTreePath,
  parseInstallUrl,
} from '../../src/protocol/install-path.ts';

const treeName = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/).filter((name) => {
  return !/\.(?:torrent|json)$/.test(name) && name !== 'sbin';
});
const segment = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 10 })
  .filter((text) => text !== '.' && text !== '..' && !/[/\0]/.test(text));
const treePath = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const generation = fc.option(fc.integer({ min: 1, max: 999_999_999 }), { nil: undefined });

/** Pieces of which people who want out build URLs. */
const hostileUrl = fc
  .array(
    fc.constantFrom(
      ...[
        '/',
        '//',
        '..',
        '.',
        '%2e',
        '%2E%2e',
        '%2f',
        '%5c',
        '\\',
        '%00',
        '\0',
        'install',
        'tree',
      ],
      ...['@1', '@', '?', '#', '%', '%zz', '%c0%ae', '%ed%a0%80', 'a', ':', '~', '+', ' ', '\n'],
    ),
    { maxLength: 12 },
  )
  .map((parts) => `/install/tree/${parts.join('')}`);

function parsesInsideOrFails(url: string): boolean {
  try {
    const parsed = parseInstallUrl(url);
    return parsed === undefined || staysInside(parsed.path);
  } catch (error) {
    if (error instanceof InstallPathError && error.code === 'bad-path') return true;
    throw error;
  }
}

function staysInside(path: string): boolean {
  if (path === '') return true;
  const inside = posix.join('/root/of/tree', path) === `/root/of/tree/${path}`;
  return inside && !path.endsWith('/') && !path.includes('\0');
}

test('the URL of any file leads to that file', (t) => {
  const property = fc.property(treeName, generation, treePath, (tree, number, path) => {
    const url = installUrlPath(tree, path, number);
    assert.match(url, /^[\x21-\x7e]+$/);
    assert.deepEqual(parseInstallUrl(url), { tree, generation: number, path });
    assert.deepEqual(parseInstallUrl(`/${url}?arch=x86_64#top`)?.path, path);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 500 }));
});

test('no URL leads out of its tree', (t) => {
  const built = fc.property(hostileUrl, parsesInsideOrFails);
  t.notThrows(() => fc.assert(built, { numRuns: 5000 }));
  const random = fc.property(fc.string({ unit: 'binary' }), (rest) =>
    parsesInsideOrFails(`/install/tree/${rest}`),
  );
  t.notThrows(() => fc.assert(random, { numRuns: 1000 }));
});

test('a safe path stays inside any folder, and only then', (t) => {
  const part = fc.constantFrom('a', '.', '..', '', '...', '..a', ' ', '~', '\0', '\ud800');
  const property = fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
    const path = parts.join('/');
    const good = path !== '' && path.isWellFormed() && staysInside(path);
    assert.equal(isSafeTreePath(path), good, JSON.stringify(path));
  });
  t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
});

const leadingOut = [
  '/install/tree/../secret',
  '/install/tree/%2e%2e/secret',
  '/install/tree/..%2fsecret',
  '/install/tree/a/%2e%2e%2f%2e%2e%2fsecret',
  '/install/tree/./a',
  '/install/tree/a%00b',
  '/install/tree/%',
  '/install/tree/%c0%ae%c0%ae/secret',
  '/install/tree/%ff',
];

for (const url of leadingOut) {
  test(`${url} is refused`, (t) => {
    t.throws(() => parseInstallUrl(url), { instanceOf: InstallPathError, code: 'bad-path' });
  });
}

const elsewhere = [
  '/',
  '',
  '/install',
  '/install/',
  '/install/sbin/kickstart.cgi',
  '/install/debian.torrent',
  '/install/trees.json',
  '/install/tree@0/a',
  '/install/tree@01/a',
  '/install/tree@-1/a',
  '/install/tree@1@2/a',
  '/install/tree@9999999999/a',
  '/install/../etc/passwd',
  '/../install/tree/a',
  '/Install/tree/a',
  '/install/%00/a',
];

for (const url of elsewhere) {
  test(`'${url}' is no file of a tree`, (t) => {
    t.is(parseInstallUrl(url), undefined);
  });
}

test('percent signs are decoded once', (t) => {
  t.is(parseInstallUrl('/install/tree/%252e%252e/a')?.path, '%2e%2e/a');
  t.is(parseInstallUrl('/install/tree/a%2bb+c')?.path, 'a+b+c');
});

test('double slashes mean one', (t) => {
  t.deepEqual(parseInstallUrl('//install//tree@3///a//b'), {
    tree: 'tree',
    generation: 3,
    path: 'a/b',
  });
});

test('tree names are those that no other document of the frontend has', (t) => {
  for (const name of ['a', 'debian-12', '0', 'a.b_c', 'x'.repeat(64), 'sbin2']) {
    t.is(checkTreeName(name), name);
  }
  const bad = [
    '',
    'A',
    '-a',
    '.',
    '..',
    'a/b',
    'a@1',
    'sbin',
    'a.torrent',
    'trees.json',
    'a\n',
    'é',
  ];
  for (const name of [...bad, 'x'.repeat(65)]) {
    t.throws(() => checkTreeName(name), { instanceOf: InstallPathError, code: 'bad-tree-name' });
  }
});
