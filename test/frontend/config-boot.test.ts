import test from 'ava';
import { generateBootFile } from '../../src/frontend/boot/generated.ts';
import { ConfigError, parseConfig } from '../../src/frontend/config.ts';
import { noInstalls } from './boot/fixture.ts';
import { node } from './dhcp/fixture.ts';

const access = { protocol: 'tftp', server: '10.1.1.1' } as const;
const parse = (text: string) => parseConfig(text, 'scree.yaml').boot;

test('without a section there are the usual actions, and the usual ways to the disk', (t) => {
  for (const text of ['', 'boot:\n', 'boot: { actions: {} }\n']) {
    const { actions, localBoot } = parse(text);
    t.deepEqual([...actions.keys()], ['os', 'install', 'rescue', 'debut']);
    t.like(actions.get('install'), {
      kernel: 'debian/linux',
      initrds: ['debian/initrd', 'scree/agent.img'],
    });
    t.like(actions.get('rescue'), { initrds: ['debian/initrd'] });
    t.deepEqual(localBoot, { pxelinux: 0, ipxe: 'exit' });
  }
});

test('actions are added, and all but os may be another than the usual one', (t) => {
  const { actions, localBoot } = parse(`
boot:
  pxelinux-local: -1
  ipxe-local: sanboot
  actions:
    memtest: { kernel: memtest/memtest.bin }
    rescue:
      kernel: rescue/vmlinuz
      initrds: [rescue/initrd.img, agent.cpio]
      args: 'hostname={node} scree.frontend=http://{server} x="a b" {}'
    one: { kernel: k, initrds: i }
`);
  t.deepEqual([...actions.keys()], ['os', 'install', 'rescue', 'debut', 'memtest', 'one']);
  t.deepEqual(actions.get('os'), { kind: 'local' });
  t.deepEqual(actions.get('memtest'), {
    kind: 'kernel',
    label: 'memtest',
    kernel: 'memtest/memtest.bin',
    initrds: [],
    args: '',
  });
  t.like(actions.get('rescue'), {
    initrds: ['rescue/initrd.img', 'agent.cpio'],
    args: 'hostname={node} scree.frontend=http://{server} x="a b" {}',
  });
  t.like(actions.get('one'), { initrds: ['i'] });
  t.deepEqual(localBoot, { pxelinux: -1, ipxe: 'sanboot' });
});

test('an action that installs says so, and a machine whose install has failed goes on or waits', (t) => {
  t.deepEqual([...parse('').installActions], ['install', 'debut']);
  t.is(parse('').failed, 'disk');
  const { installActions, failed } = parse(`
boot:
  failed: wait
  actions:
    kiosk: { kernel: k, installs: yes }
    install: { kernel: k }
    lamp: { kernel: k }
`);
  t.deepEqual([...installActions], ['install', 'debut', 'kiosk']);
  t.is(failed, 'wait');
});

const refused: readonly (readonly [string, string, readonly (string | RegExp)[]])[] = [
  [
    'a disk that is to be something else',
    'os: { kernel: k }',
    [/boot\.actions\.os: expected anot/],
  ],
  ['no kernel', 'a: { args: x }', [/:17: .*\.a\.kernel: expected a path such as .*, got nothing$/]],
  [
    'nothing at all',
    'a:',
    [/boot\.actions\.a: expected keys \(kernel, initrds, args, installs\), got noth/],
  ],
  [
    'an unknown key',
    'a: { kernal: k, kernel: k }',
    [/:19: unknown key 'kernal' in 'boot\.actions\.a': .*; did you mean 'kernel'\?$/],
  ],
  ['a path out of the root', 'a: { kernel: ../k }', [/actions\.a\.kernel: .*, got '\.\.\/k'/]],
  [
    'a ramdisk that no loader can be told of',
    'a: { kernel: k, initrds: [i, "i j"] }',
    [/:39: boot\.actions\.a\.initrds: .*, got 'i j'/],
  ],
  [
    'placeholders that nothing fills in',
    'a: { kernel: k, args: "{nod}" }, b: { kernel: k, args: "{node} {No_de}" }',
    [/\.a\.args: expected one of node, .*got 'nod'/, /\.b\.args: expected one of .*got 'No_de'/],
  ],
  [
    'an install that is none',
    'install: { kernel: k, installs: no }',
    [/boot\.actions\.install\.installs: expected 'install' to install/],
  ],
  [
    'something between',
    'a: { kernel: k, installs: 1 }',
    [/\.a\.installs: expected yes or no, got 1/],
  ],
  ['a quote that is not closed', `a: { kernel: k, args: 'x="y' }`, [/\.a\.args: .*double quote/]],
  ['two lines', 'a: { kernel: k, args: "x\\ny" }', [/\.a\.args: expected one line of ASCII/]],
  ['a name that is no label', '"a b": { kernel: k }', [/boot\.actions\.a b: expected a label/]],
];

for (const [title, actions, problems] of refused) {
  test(`${title}: refused with its place`, (t) => {
    const error = t.throws(() => parse(`boot:\n  actions: { ${actions} }\n`), {
      instanceOf: ConfigError,
    });
    const lines = error?.message.split('\n') ?? [];
    t.is(lines.length, problems.length, error?.message);
    for (const [at, problem] of problems.entries()) {
      t.regex(lines[at] ?? '', /^scree\.yaml:2:\d+: /);
      t.regex(lines[at] ?? '', new RegExp(problem));
    }
  });
}

test('what is configured is what the loaders are told', (t) => {
  const boot = parse(
    'boot: { pxelinux-local: -1, ipxe-local: sanboot, actions: { m: { kernel: m/m.bin, args: "n={node}" } } }',
  );
  const textOf = (path: string, bootAction: string) => {
    const request = { node: node({ bootAction }), path, access };
    const file = generateBootFile(request, boot, noInstalls);
    return file !== undefined && 'text' in file ? file.text : '';
  };
  t.regex(textOf('pxelinux.cfg/01-52-54-00-00-00-01', 'os'), /LOCALBOOT -1/);
  t.regex(textOf('boot.ipxe', 'os'), /sanboot/);
  t.regex(textOf('pxelinux.cfg/01-52-54-00-00-00-01', 'm'), /m\/m\.bin\n.*APPEND n=compute-0-0/);
});

test('ways to the disk are those that the loaders know', (t) => {
  t.throws(() => parse('boot: { pxelinux-local: 1, ipxe-local: disk }\n'), {
    message:
      'scree.yaml:1:25: boot.pxelinux-local: expected 0 or -1, got 1\n' +
      'scree.yaml:1:40: boot.ipxe-local: expected exit or sanboot, got "disk"',
  });
});
