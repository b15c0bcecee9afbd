import { checkBootFiles } from '../../../src/frontend/doctor/boot-files.ts';
import { checkDhcp, checkServers } from '../../../src/frontend/doctor/dhcp.ts';
import { checkTrees, type GenerationFacts } from '../../../src/frontend/doctor/trees.ts';
import { settings } from '../dhcp/fixture.ts';
import { type Cases, declareTests } from './cases.ts';

const base: GenerationFacts = {
  ...{ tree: 'base', generation: 2, fileCount: 300, totalBytes: 5 * 1024 ** 2 },
  ...{ changed: [], broken: undefined },
};
const tree = (facts: Partial<GenerationFacts>) =>
  checkTrees({ kind: 'looked', generations: [{ ...base, ...facts }] });

const files = (names: Readonly<Record<string, boolean>>) => new Map(Object.entries(names));
const boot = (facts: Partial<Parameters<typeof checkBootFiles>[0]>) =>
  checkBootFiles({
    folder: '/srv/scree/tftpboot',
    loaders: files({ 'pxelinux.0': true, 'grub.elf': false }),
    lacking: new Map(),
    actions: [],
    nodesTrouble: undefined,
    ...facts,
  });
const install = (isThere: boolean, nodeCount: number) =>
  boot({
    actions: [{ name: 'install', files: files({ 'debian/linux': isThere }), nodeCount }],
  }).slice(1);

const found = [{ server: '10.1.7.7', offered: '10.1.9.1' }];
const looked = (all: typeof found) => ({ kind: 'looked', found: all }) as const;
const cases: Cases = [
  ['no DHCP', checkDhcp({ kind: 'off' }), 'ok', /scree dhcp export/],
  ['DHCP that can be', checkDhcp({ kind: 'usable', settings }), 'ok', /eth1 has 10\.1\.1\.1, for/],
  [
    'DHCP that cannot be',
    checkDhcp({ kind: 'unusable', reasons: ['a', 'eth1 is down'] }),
    'problem',
    /eth1 is down/,
  ],
  ['no other server', checkServers(looked([]), 'server'), 'ok', /none answers/],
  [
    'another server',
    checkServers(looked(found), 'server'),
    'problem',
    /10\.1\.7\.7 \(it offers 10\.1\.9\.1\).*dhcp\.mode: proxy/,
  ],
  ['a server beside a proxy', checkServers(looked(found), 'proxy'), 'ok', /as a proxy needs it/],
  ['a proxy alone', checkServers(looked([]), 'proxy'), 'warning', /none.*dhcp\.mode: server/],
  [
    'servers that only root can look for',
    checkServers({ kind: 'not-looked', reason: 'no permission', needsRoot: true }, 'server'),
    'warning',
    /not looked for: no permission.*as root/,
  ],

  ['loaders of this rack', boot({}), 'ok', /pxelinux\.0; without grub\.elf/],
  [
    'no loader at all',
    boot({ loaders: files({ 'pxelinux.0': false }) }),
    'problem',
    /no machine can boot.*scree boot import/,
  ],
  ['no loader needed', boot({ loaders: new Map() }), 'ok', /none is needed/],
  [
    'a loader without its companion',
    boot({ lacking: new Map([['pxelinux.0', ['ldlinux.c32']]]) }),
    'problem',
    /without ldlinux\.c32.*scree boot import/,
  ],
  ['an action whose files are there', install(true, 5), 'ok', /debian\/linux/],
  [
    'an action whose files are not there',
    install(false, 0),
    'warning',
    /debian\/linux is not there.*scree boot import debian-netboot/,
  ],
  ['the same, and machines that boot it', install(false, 2), 'problem', /2 nodes boot it next/],
  [
    'an action of the configuration',
    boot({ actions: [{ name: 'memtest', files: files({ 'mt.bin': false }), nodeCount: 1 }] }),
    'problem',
    /a node boots it.*'tftpboot'/,
  ],
  ['nodes that cannot be read', boot({ nodesTrouble: 'EACCES' }), 'warning', /EACCES/],

  ['a tree as it was', tree({}), 'ok', /300 files, 5\.0 MiB/],
  [
    'a tree that lost files',
    tree({ changed: ['a', 'b', 'c', 'd'] }),
    'problem',
    /4 of 300 .*: a, b, c, ….*scree tree add base/,
  ],
  ['a tree that is broken', tree({ broken: 'no torrent' }), 'problem', /tree remove base -g 2/],
  ['no tree', checkTrees({ kind: 'looked', generations: [] }), 'warning', /scree tree add/],
  [
    'trees of another user',
    checkTrees({ kind: 'not-looked', reason: 'EACCES' }),
    'warning',
    /EACCES.*owner/,
  ],
];

declareTests(cases);
