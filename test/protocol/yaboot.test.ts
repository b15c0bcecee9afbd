import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { BootTextError } from '../../src/protocol/boot-text.ts';
import { renderYaboot } from '../../src/protocol/yaboot.ts';
import { hostilePlan, kernelPlan } from '../support/boot-plans.ts';

/** As Yaboot reads it (second/cfg.c): tokens, `=`, and strings with `\"` and `\\`. */
function read(text: string): [string, string][] {
  const tokens = [...text.matchAll(/\s*(?:(=)|"((?:\\["\\]|[^"\\\n\r])*)"|([^\s="#\\]+))/gy)];
  const used = tokens.reduce((sum, [token]) => sum + token.length, 0);
  assert.equal(text.slice(used).trim(), '', 'something that Yaboot cannot read');
  const values = tokens.map(([, equals, quoted, plain]) => {
    return equals ?? quoted?.replaceAll(/\\(["\\])/g, '$1') ?? plain ?? '';
  });
  const pairs: [string, string][] = [];
  for (let at = 0; at < values.length; at += 3) {
    assert.equal(values[at + 1], '=');
    pairs.push([values[at] ?? '', values[at + 2] ?? '']);
  }
  return pairs;
}

const install = {
  kind: 'kernel',
  label: 'install',
  kernel: 'debian/vmlinux',
  initrds: ['debian/initrd.gz'],
  args: 'auto=true title="two words"',
} as const;

test('an install is one image', (t) => {
  t.is(
    renderYaboot(install),
    [
      'timeout=1',
      'default=install',
      'image=debian/vmlinux',
      '\tlabel=install',
      '\tinitrd=debian/initrd.gz',
      '\tappend="auto=true title=\\"two words\\""',
      '',
    ].join('\n'),
  );
});

test('what a file says is the plan', (t) => {
  const property = fc.property(kernelPlan, ({ plan, words }) => {
    const initrd = plan.initrds.join('&');
    const args = words.join(' ');
    assert.deepEqual(read(renderYaboot(plan)), [
      ['timeout', '1'],
      ['default', plan.label],
      ['image', plan.kernel],
      ['label', plan.label],
      ...(initrd === '' ? [] : [['initrd', initrd]]),
      ...(args === '' ? [] : [['append', args]]),
    ]);
  });
  t.notThrows(() => fc.assert(property));
});

test('no value adds a line or an image', (t) => {
  const known = ['timeout', 'default', 'image', 'label', 'initrd', 'append'];
  const property = fc.property(hostilePlan, (plan) => {
    try {
      const names = read(renderYaboot(plan)).map(([name]) => name);
      assert.deepEqual(
        names,
        known.filter((name) => names.includes(name)),
      );
    } catch (error) {
      assert.ok(error instanceof BootTextError, String(error));
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 3000 }));
});

test('what Yaboot cannot hold is refused', (t) => {
  const initrds = ['a', 'b', 'c'].map((name) => name.repeat(190));
  t.throws(() => renderYaboot({ ...install, initrds }), { code: 'bad-boot-path' });
  t.throws(() => renderYaboot({ ...install, args: 'a'.repeat(511) }), { code: 'bad-arguments' });
  t.notThrows(() => renderYaboot({ ...install, args: 'a'.repeat(510) }));
});

test('local boot goes back to the firmware', (t) => {
  t.is(renderYaboot({ kind: 'local' }), 'timeout=1\ndefault=bye\n');
});
