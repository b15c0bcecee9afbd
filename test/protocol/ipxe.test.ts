import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { BootTextError } from '../../src/protocol/boot-text.ts';
import { renderIpxe } from '../../src/protocol/ipxe.ts';
import { hostilePlan, kernelPlan } from '../support/boot-plans.ts';

/** As iPXE reads it (core/exec.c): words at spaces, operators and settings anywhere, no quotes. */
function read(text: string): string[][] {
  const [first, ...lines] = text.split('\n').filter((line) => line !== '');
  assert.equal(first, '#!ipxe');
  return lines.map((line) => {
    assert.ok(!line.endsWith('\\') && !line.includes('${'), line);
    const words = line.split(/\s+/);
    const isOperator = (word: string) => ['||', '&&', ';'].includes(word) || word.startsWith('#');
    assert.ok(!words.some(isOperator), line);
    return words;
  });
}

const base = 'http://10.1.1.1/boot/';
const install = {
  kind: 'kernel',
  label: 'install',
  kernel: 'debian/linux',
  initrds: ['debian/initrd.gz', 'agent/initrd.gz'],
  args: 'auto=true title="two words" ---',
} as const;

test('an install names its ramdisks for the kernel, also two of the same name', (t) => {
  t.is(
    renderIpxe(install, { base }),
    [
      '#!ipxe',
      'kernel --name linux http://10.1.1.1/boot/debian/linux initrd=initrd0 initrd=initrd1 ' +
        'auto=true title="two words" ---',
      'initrd --name initrd0 http://10.1.1.1/boot/debian/initrd.gz',
      'initrd --name initrd1 http://10.1.1.1/boot/agent/initrd.gz',
      'boot linux',
      '',
    ].join('\n'),
  );
});

test('what a script says is the plan', (t) => {
  const property = fc.property(kernelPlan, ({ plan }) => {
    const [kernel = [], ...rest] = read(renderIpxe(plan, { base }));
    assert.deepEqual(kernel.slice(0, 4), ['kernel', '--name', 'linux', base + plan.kernel]);
    const names = plan.initrds.map((_, at) => `initrd${at}`);
    const words = kernel.slice(4);
    assert.deepEqual(
      words.slice(0, names.length),
      names.map((name) => `initrd=${name}`),
    );
    assert.equal(words.slice(names.length).join(' '), plan.args);
    const ramdisks = plan.initrds.map((path, at) => `initrd --name initrd${at} ${base}${path}`);
    assert.deepEqual(
      rest.map((line) => line.join(' ')),
      [...ramdisks, 'boot linux'],
    );
  });
  t.notThrows(() => fc.assert(property));
});

test('no value adds a line, a command or a setting', (t) => {
  const property = fc.property(hostilePlan, (plan) => {
    try {
      const commands = read(renderIpxe(plan)).map(([command]) => command);
      assert.deepEqual(commands, ['kernel', ...plan.initrds.map(() => 'initrd'), 'boot']);
    } catch (error) {
      assert.ok(error instanceof BootTextError, String(error));
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 3000 }));
});

test('words that iPXE reads itself are refused, wherever they stand', (t) => {
  for (const args of [
    'a || b',
    'a && reboot',
    'a ; b',
    '#a',
    `a=\${mac}`,
    'x="a  b"',
    'x="y || z"',
  ]) {
    t.throws(() => renderIpxe({ ...install, args }), { code: 'bad-arguments' }, args);
  }
});

test('local boot leaves iPXE, under UEFI with a failure; or starts the disk, by policy', (t) => {
  t.is(renderIpxe({ kind: 'local' }), `#!ipxe\niseq \${platform} efi && exit 1 ||\nexit\n`);
  t.regex(
    renderIpxe({ kind: 'local' }, { localBoot: 'sanboot' }),
    /pcbios && sanboot .*0x80 \|\|$/m,
  );
});
