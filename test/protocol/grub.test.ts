import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { BootTextError } from '../../src/protocol/boot-text.ts';
import { renderGrub } from '../../src/protocol/grub.ts';
import { parseKernelArguments } from '../../src/protocol/kernel-args.ts';
import { hostilePlan, kernelPlan } from '../support/boot-plans.ts';

/** GRUB's script as its lexer reads it, for the parts of it that a plan may be made of. */
function read(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const words = line.match(/(?:'[^']*'|[^\s'"\\$;&|<>{}()#`*?[\]!])+/g) ?? [];
      assert.equal(words.join(' '), line, 'something that GRUB would read itself');
      return words.map((word) => word.replaceAll("'", ''));
    });
}

/** The command line that GRUB makes of its words (lib/cmdline.c). */
function commandLine(words: readonly string[]): string {
  return words.map((word) => (word.includes(' ') ? `"${word}"` : word)).join(' ');
}

const install = {
  kind: 'kernel',
  label: 'install',
  kernel: 'debian/linux',
  initrds: ['debian/initrd.gz', 'agent/overlay.gz'],
  args: 'auto=true url=http://10.1.1.1/ks?a=b&c title="two words" ---',
} as const;

test('an install is three commands', (t) => {
  t.is(
    renderGrub(install),
    "linux /debian/linux auto=true 'url=http://10.1.1.1/ks?a=b&c' 'title=two words' ---\n" +
      'initrd /debian/initrd.gz /agent/overlay.gz\nboot\n',
  );
  t.regex(renderGrub(install, { base: '/boot/' }), /^linux \/boot\/debian\/linux /);
});

test('what a file says is the plan', (t) => {
  const property = fc.property(kernelPlan, ({ plan, words }) => {
    const commands = read(renderGrub(plan));
    const [linux = [], ...rest] = commands;
    assert.deepEqual(linux.slice(0, 2), ['linux', `/${plan.kernel}`]);
    const given = linux.slice(2);
    assert.deepEqual(
      given,
      words.map((word) => word.replaceAll('"', '')),
    );
    assert.deepEqual(
      [...parseKernelArguments(commandLine(given))],
      [...parseKernelArguments(plan.args)],
    );
    const initrd = plan.initrds.map((path) => `/${path}`);
    assert.deepEqual(rest, [...(initrd.length === 0 ? [] : [['initrd', ...initrd]]), ['boot']]);
  });
  t.notThrows(() => fc.assert(property));
});

test('no value adds a line, a command or a variable', (t) => {
  const property = fc.property(hostilePlan, (plan) => {
    try {
      const commands = read(renderGrub(plan)).map(([command]) => command);
      assert.deepEqual(
        commands,
        plan.initrds.length === 0 ? ['linux', 'boot'] : ['linux', 'initrd', 'boot'],
      );
    } catch (error) {
      assert.ok(error instanceof BootTextError, String(error));
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 3000 }));
});

test('quotes and backslashes, which GRUB does not pass on as they are, are refused', (t) => {
  for (const args of ["a='b'", 'a=\\x20', "it's"]) {
    t.throws(() => renderGrub({ ...install, args }), { code: 'bad-arguments' });
  }
});

test('local boot looks for the loader on the disk under UEFI, and else leaves', (t) => {
  const lines = renderGrub({ kind: 'local' }).trimEnd().split('\n');
  t.is(lines.at(-1), 'exit');
  t.is(lines[0], 'if [ "$grub_platform" = "efi" ]; then');
  t.regex(lines[1] ?? '', /^ {2}for loader in \/EFI\/debian\/shimx64\.efi .*BOOTX64\.efi/);
});

test('the loader on the disk is started as one of the disk, so that it finds its own files', (t) => {
  const text = renderGrub({ kind: 'local' });
  t.regex(
    text,
    /search --no-floppy --set=root --file "\$loader"; then\n +chainloader "\$loader"\n/,
  );
});
