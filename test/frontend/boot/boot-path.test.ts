import assert from 'node:assert/strict';
import { posix } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { readBootPath } from '../../../src/frontend/boot/boot-path.ts';

const plain = [
  ['pxelinux.0', 'pxelinux.0'],
  ['/grub/grub.cfg', 'grub/grub.cfg'],
  ['//debian///linux', 'debian/linux'],
  ['./debian/./linux', 'debian/linux'],
  ['\\grub\\x86_64-efi\\command.lst', 'grub/x86_64-efi/command.lst'],
  ['\\\\10.1.1.1\\reminst\\boot\\x64\\wdsnbp.com', 'boot/x64/wdsnbp.com'],
  ['\\\\10.1.1.1\\reminst', '10.1.1.1/reminst'],
  ['a+b~1%zz', 'a+b~1%zz'],
  ['...', '...'],
];

for (const [name = '', path] of plain) {
  test(`'${name}' is ${path}`, (t) => {
    t.deepEqual(readBootPath(name), { kind: 'path', path: path ?? '' });
  });
}

const refused = [
  ...['', '/', '.', '../../etc/shadow', '/../etc/shadow', 'a/../../b', '..', 'a/..', '..\\b'],
  ...[
    '\\\\server\\share\\..\\..\\etc',
    '%2e%2e/etc/shadow',
    'a%2F..%2fb',
    'a%5c..',
    'a%00',
    'a\0b',
  ],
  ...['%252e%252e/x', 'a\nb', '\x7f', '\ud800', 'a'.repeat(513)],
];

for (const name of refused) {
  test(`${JSON.stringify(name.slice(0, 40))} is refused`, (t) => {
    const read = readBootPath(name);
    t.is(read.kind, 'refuse');
    if (read.kind === 'refuse') t.regex(read.reason, /^expected .*, got /);
  });
}

test('no name leads out of a root, neither now nor decoded once more', (t) => {
  const part = fc.constantFrom(
    ...['..', '.', '/', '\\', '%2e', '%2E', '%2f', '%5c', '%25', '%', 'a', '\0', '\\\\s\\t\\', ' '],
  );
  const name = fc.oneof(
    fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }),
  );
  const property = fc.property(name, (each) => {
    const read = readBootPath(each);
    if (read.kind === 'refuse') return;
    assert.equal(posix.join('/root', read.path), `/root/${read.path}`);
    const decoded = read.path
      .replaceAll(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replaceAll('\\', '/');
    assert.ok(posix.join('/root', decoded).startsWith('/root/'), read.path);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 5000 }));
});
