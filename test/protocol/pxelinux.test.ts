import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { BootTextError } from '../../src/protocol/boot-text.ts';
import { renderPxelinux } from '../../src/protocol/pxelinux.ts';
import { hostilePlan, kernelPlan } from '../support/boot-plans.ts';

/** As PXELINUX and SLOF read it: a word, spaces, the rest of the line. */
function read(text: string): Map<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const entries = lines.map((line) => /^ *(\S+) +(.*?) *$/.exec(line)?.slice(1) ?? [line, '']);
  const found = new Map(entries.map(([word = '', rest = '']) => [word.toLowerCase(), rest]));
  assert.equal(found.size, lines.length, 'a line twice');
  return found;
}

const install = {
  kind: 'kernel',
  label: 'install',
  kernel: 'debian/linux',
  initrds: ['debian/initrd.gz', 'agent/overlay.gz'],
  args: 'auto=true  url=http://10.1.1.1/ks?a=b&c ---',
} as const;

test('an install is a file as people write it', (t) => {
  t.is(
    renderPxelinux(install),
    [
      'DEFAULT install',
      'PROMPT 0',
      'LABEL install',
      '  KERNEL debian/linux',
      '  INITRD debian/initrd.gz,agent/overlay.gz',
      '  APPEND auto=true url=http://10.1.1.1/ks?a=b&c ---',
      '  IPAPPEND 2',
      '',
    ].join('\n'),
  );
});

test('local boot is LOCALBOOT, by policy 0 or -1', (t) => {
  t.is(renderPxelinux({ kind: 'local' }), 'DEFAULT local\nPROMPT 0\nLABEL local\n  LOCALBOOT 0\n');
  t.regex(renderPxelinux({ kind: 'local' }, { localBoot: -1 }), /^ {2}LOCALBOOT -1$/m);
});

test('what a file says is the plan', (t) => {
  const bases = fc.constantFrom('', '::', 'http://10.1.1.1:8080/boot/' as const);
  const property = fc.property(kernelPlan, bases, ({ plan, words }, base) => {
    const found = read(renderPxelinux(plan, { base }));
    assert.equal(found.get('default'), plan.label);
    assert.equal(found.get('label'), plan.label);
    assert.equal(found.get('kernel') ?? found.get('linux'), base + plan.kernel);
    assert.deepEqual(
      found.get('initrd')?.split(',') ?? [],
      plan.initrds.map((path) => base + path),
    );
    assert.equal(found.get('append') ?? '', words.join(' '));
  });
  t.notThrows(() => fc.assert(property));
});

test('no value adds a line: it stands in its own, or is refused', (t) => {
  const property = fc.property(hostilePlan, (plan) => {
    try {
      const text = renderPxelinux(plan);
      assert.match(text, /^[\x20-\x7e\n]*$/);
      const known = 'DEFAULT PROMPT LABEL KERNEL LINUX INITRD APPEND IPAPPEND'.toLowerCase();
      for (const word of read(text).keys()) assert.ok(known.split(' ').includes(word), word);
    } catch (error) {
      assert.ok(error instanceof BootTextError, String(error));
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 3000 }));
});

test('a kernel whose name looks like another kind of file is said to be Linux', (t) => {
  t.regex(renderPxelinux({ ...install, kernel: 'a/linux-6.0' }), /^ {2}LINUX a\/linux-6\.0$/m);
  t.regex(renderPxelinux({ ...install, kernel: 'memtest.bin' }), /^ {2}LINUX memtest\.bin$/m);
  t.regex(renderPxelinux({ ...install, kernel: 'linux-6.1.0-50' }), /^ {2}KERNEL /m);
});

test('arguments that PXELINUX would take for none, or a kernel cannot hold, are refused', (t) => {
  for (const args of ['-', 'a'.repeat(2048), 'a\nb', 'a="b', 'é']) {
    t.throws(() => renderPxelinux({ ...install, args }), { code: 'bad-arguments' }, args);
  }
  for (const kernel of ['', '/linux', '../linux', 'a//b', 'a b', 'a,b', '-x', 'a/../b', 'a:b']) {
    t.throws(() => renderPxelinux({ ...install, kernel }), { code: 'bad-boot-path' }, kernel);
  }
  t.throws(() => renderPxelinux({ ...install, label: 'a b' }), { code: 'bad-label' });
  t.throws(() => renderPxelinux(install, { base: 'http://a\nb/' }), { code: 'bad-base' });
});
