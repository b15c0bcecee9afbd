import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { createAttributeStore } from '../../../src/frontend/attributes/store.ts';
import { NodeFileError } from '../../../src/frontend/node-files/errors.ts';
import { createNodeFiles, type ImportOptions } from '../../../src/frontend/node-files/main.ts';
import { readSources } from '../../../src/frontend/node-files/sources.ts';
import { importFormats } from '../../../src/frontend/node-files/types.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { macOf, openStore } from '../nodes/fixture.ts';

async function setUp(t: ExecutionContext) {
  const state = await temporaryFolder(t);
  const { store, database } = await openStore(t, join(state, 'scree.db'));
  const files = createNodeFiles({ state });
  const importText = (name: string, text: string, options: Partial<ImportOptions> = {}) =>
    files.import([{ name, text, format: undefined }], {
      isUpdate: false,
      isDryRun: false,
      ...options,
    });
  const names = () => {
    store.refresh();
    return store.all().map(({ name }) => name);
  };
  return { state, store, files, importText, names, attributes: createAttributeStore({ database }) };
}

test('a value that the profile of its node does not take is named with its line', async (t) => {
  const { importText, names, attributes } = await setUp(t);
  const head = 'name,mac,role,attr:own-repositories,attr:root-password-hash,attr:time-zonne\n';
  const good = `a,${macOf(1)},compute,yes,,\n`;
  const bad = `b,${macOf(2)},compute,maybe,,\nc,${macOf(3)},compute,,yes,\n`;
  const error = t.throws(() => importText('n.csv', `${head}${good}${bad}`), { code: 'bad-file' });
  t.regex(
    error?.message ?? '',
    /^n\.csv:3: attribute 'own-repositories': expected yes or no \(profile compute, in source\), got "maybe"\nn\.csv:4: attribute 'root-password-hash': expected a text \(profile compute, in users\), got something else$/,
  );
  t.deepEqual([names(), attributes.layers().all], [[], []]);
  // What role it is of is said in the same line.
  const other = `b,${macOf(2)},other,maybe,,UTC\n`;
  t.deepEqual(importText('n.csv', `${head}${good}${other}`).warnings, [
    "no profile uses 'time-zonne'; did you mean 'time-zone'?",
  ]);
  t.deepEqual(names(), ['a', 'b']);
});

test('one bad line of a CSV is named, and nothing is imported', async (t) => {
  const { importText, names } = await setUp(t);
  const head = 'name,mac,ip,rack\n';
  const good = `a,${macOf(1)},10.1.1.1,1\n`;
  const cases = [
    [
      'b,52:54,10.1.1.2,1',
      'n.csv:3: expected a MAC address such as 52:54:00:12:34:56, got "52:54"',
    ],
    [`b,${macOf(2)},10.1.1.2`, 'n.csv:3: expected 4 cells as in the header, got 3'],
    [`b,${macOf(2)},10.1.1.2,one`, 'n.csv:3: rack: expected a value, got "one"'],
    [`b,${macOf(2)},300.1.1.2,1`, /^n\.csv:3: expected an IPv4 address of a host/],
    [`b,${macOf(1)},10.1.1.2,1`, /^n\.csv:3: expected a MAC address that no other node has.*'a'/],
    [`b,${macOf(2)},10.1.1.1,1`, /^n\.csv:3: expected an IPv4 address that no other node has/],
    [`a,${macOf(2)},10.1.1.2,1`, /^n\.csv:3: expected each node once, got 'a' again.*n\.csv:2$/],
    [`B!,${macOf(2)},10.1.1.2,1`, /^n\.csv:3: expected a name such as compute-0-1/],
    [`all,${macOf(2)},10.1.1.2,1`, /^n\.csv:3: expected a name that does not mean all nodes/],
    [`,${macOf(2)},10.1.1.2,1`, 'n.csv:3: expected a name, got none'],
    ['b,,10.1.1.2,1', /^n\.csv:3: expected 1 to 16 MAC addresses of a node, got 0/],
    ['"b\n"x,,,', /^n\.csv:3: expected CSV, got: Invalid Closing Quote/],
  ] as const;
  for (const [line, message] of cases) {
    const text = `${head}${good}${line}\nz,${macOf(9)},10.1.1.9,1\n`;
    t.throws(() => importText('n.csv', text), {
      instanceOf: NodeFileError,
      code: 'bad-file',
      message,
    });
  }
  t.deepEqual(names(), []);
  const several = `${head}b,x,,\n\n"c\n",${macOf(3)},,\nd,${macOf(4)},y,\n`;
  const { message } = t.throws(() => importText('n.csv', several)) ?? {};
  t.deepEqual(
    message?.split('\n').map((line) => line.slice(0, 8)),
    ['n.csv:2:', 'n.csv:6:'],
  );
});

test('the header says what the columns are, in any order and with any separator', async (t) => {
  const { importText, store, attributes, names } = await setUp(t);
  importText(
    'n.csv',
    `\ufeffip;attr:parts;host;mac;option:mtu\r\n10.1.1.7;"[""a"", ""b""]";compute-2-7;${macOf(1)} 5254.0000.0009;9000\r\n`,
  );
  t.deepEqual(names(), ['compute-2-7']);
  t.like(store.byName('compute-2-7'), {
    macs: [macOf(1), macOf(9)],
    address: '10.1.1.7',
    rack: 2,
    dhcpOptions: { mtu: '9000' },
  });
  t.deepEqual(
    attributes.layers().all.map(({ name, value }) => [name, value]),
    [['parts', ['a', 'b']]],
  );
  const failing = [
    ['nam,mac\n', /^n\.csv:1: expected a header with name, .*did you mean 'name'\?$/],
    ['mac\n', "n.csv:1: expected a header line with a column 'name', got none"],
    ['name,ip,address\n', "n.csv:1: expected each column once, got 'address' again"],
    ['', "n.csv:1: expected a header line with a column 'name', got none"],
    [`name,mac,attr:Disk\nb,${macOf(2)},x\n`, /^n\.csv:2: expected an attribute's name/],
    [`name,mac,attr:rack\nb,${macOf(2)},x\n`, /^n\.csv:2: expected an attribute that can be set/],
    [
      `name,mac,option:nothing\nb,${macOf(2)},x\n`,
      /^n\.csv:2: expected an option's number.*got 'nothing'$/,
    ],
    [`name,mac,option:__proto__\nb,${macOf(2)},x\n`, /^n\.csv:2: expected an option's number/],
    [`name,mac,option:mtu\nb,${macOf(2)},json:{}\n`, /^n\.csv:2: option:mtu: expected a value/],
  ] as const;
  for (const [text, message] of failing) t.throws(() => importText('n.csv', text), { message });
});

test('YAML says the same, with the line of what is wrong', async (t) => {
  const { importText, store } = await setUp(t);
  importText(
    'n.yaml',
    `nodes:\n  - name: a\n    macs: ${macOf(1)}\n    attributes: {parts: [x], on: true}\n`,
  );
  store.refresh();
  t.deepEqual(store.byName('a')?.macs, [macOf(1)]);
  const failing = [
    ['- name: b\n  mac: x\n', /^n\.yml:2: unknown key 'mac'.*did you mean 'macs'\?$/],
    ['- name: b\n  rack: one\n', /^n\.yml:2: rack: expected .*got "one"$/],
    ['- name: b\n  attributes:\n    x: {}\n', /^n\.yml:3: attributes\.x: expected/],
    ['name: b\n', 'n.yml:1: expected a list of nodes, each with a name, got something else'],
    ['- name: "b\n', /^n\.yml:\d: expected YAML, got/],
    ['- &a {name: b}\n- *a\n', /^n\.yml:2: expected a plain value, got the alias/],
    [`- name: b\n  macs: [${macOf(1)}]\n`, /^n\.yml:1: expected a MAC address that no other node/],
  ] as const;
  for (const [text, message] of failing) t.throws(() => importText('n.yml', text), { message });
});

test('nodes that are there are changed with --update only, and what is not said stays', async (t) => {
  const { importText, store, attributes } = await setUp(t);
  const text = `name,macs,address,rack,attr:disk\na,${macOf(1)},10.1.1.1,3,x\nb,${macOf(2)},10.1.1.2,3,x\n`;
  importText('n.csv', text);
  t.throws(() => importText('n.csv', text), {
    message:
      /^n\.csv:2: expected a node that is not there yet, got 'a'; use --update to change it\n/,
  });
  const swapped = 'name,address,rack,attr:disk\na,10.1.1.2,none,\nb,10.1.1.1,,y\n';
  const dry = importText('n.csv', swapped, { isUpdate: true, isDryRun: true });
  const changes = [
    { name: 'a', kind: 'changed', changes: ['address 10.1.1.1 → 10.1.1.2', 'rack 3 → none'] },
    { name: 'b', kind: 'changed', changes: ['address 10.1.1.2 → 10.1.1.1', 'attribute disk'] },
  ] as const;
  t.deepEqual(dry.steps, changes);
  store.refresh();
  t.is(store.byAddress('10.1.1.1')?.name, 'a');
  t.deepEqual(importText('n.csv', swapped, { isUpdate: true }).steps, changes);
  store.refresh();
  t.like(store.byName('a'), { address: '10.1.1.2', rack: undefined, macs: [macOf(1)] });
  t.like(store.byName('b'), { address: '10.1.1.1', rack: 3 });
  const values = attributes.layers().all.map(({ scope, value }) => [scope, value]);
  t.deepEqual(values, [
    [{ kind: 'node', target: 'a' }, 'x'],
    [{ kind: 'node', target: 'b' }, 'y'],
  ]);
});

test('a dry run makes no state folder', async (t) => {
  const state = join(await temporaryFolder(t), 'state');
  const source = { name: 'n.csv', text: `name,mac\na,${macOf(1)}\n`, format: undefined };
  const { steps } = createNodeFiles({ state }).import([source], {
    isUpdate: false,
    isDryRun: true,
  });
  t.like(steps, [{ name: 'a', kind: 'added' }]);
  t.false(existsSync(state));
});

test('secrets are not exported, and stay secret when a file names them', async (t) => {
  const { files, importText, store, attributes } = await setUp(t);
  store.add({ name: 'a', macs: [macOf(1)] });
  const scope = { kind: 'node', target: 'a' } as const;
  attributes.change([{ scope, name: 'password', value: 'hunter2', isSecret: true }]);
  for (const format of importFormats) t.notRegex(files.export(undefined, format).text, /hunter/);
  t.deepEqual(files.export(['a'], 'csv').warnings, ['left out secret values of attributes: 1']);
  const text = `name,mac,attr:password\nb,${macOf(2)},hunter3\n`;
  const { steps } = importText('n.csv', text);
  t.deepEqual(steps[0]?.changes, [macOf(2), 'without an address of its own', 'attribute password']);
  t.true(attributes.layers().all.every(({ isSecret }) => isSecret));
});

test('a dnsmasq.conf is read with all that may stand in a dhcp-host', (t) => {
  const text = `
interface=eth0
dhcp-host=52:54:0:0:1:1,set:red,10.1.1.1,N1.example,infinite   # a comment
dhcp-host=${macOf(2)},${macOf(3)},[fd00::1],n2,12h
# dhcp-host=${macOf(4)},n4
dhcp-host=${macOf(5)},ignore
`;
  const { entries, skippedCount } = readSources([
    { name: 'dnsmasq.conf', text, format: undefined },
  ]);
  t.deepEqual(
    entries.map(({ place, name, settings }) => [place.line, name, settings]),
    [
      [3, 'n1', { macs: ['52:54:00:00:01:01'], address: '10.1.1.1' }],
      [4, 'n2', { macs: [macOf(2), macOf(3)] }],
    ],
  );
  t.is(skippedCount, 2);
  const wrong = ['dhcp-host=n1,10.1.1.1', 'dhcp-host=52:54:00:*:*:*,n1', `${macOf(1)},10.1.1.1`];
  const failing = wrong.map((line) => readSources([{ name: 'x', text: line, format: 'dnsmasq' }]));
  t.deepEqual(
    failing.map(({ problems }) => problems[0]?.message),
    ['no MAC address', '"52:54:00:*:*:*"', 'no name'].map(
      (what) => `expected dhcp-host=MAC,ADDRESS,NAME, got ${what}`,
    ),
  );
});

test('hosts of a dhcpd.conf are found wherever they stand', (t) => {
  const text = `option domain-name "host x {"; # host y {
subnet 10.1.0.0 netmask 255.255.0.0 { group {
  host n5.example { hardware ethernet 52:54:0:0:5:5; fixed-address 10.1.5.5;
    if known { foo "}"; } option host-name "m5"; } } }
host n6 {
  hardware ethernet ${macOf(6)};
}`;
  const { entries, problems } = readSources([{ name: 'dhcpd.conf', text, format: undefined }]);
  t.deepEqual(problems, []);
  t.deepEqual(
    entries.map(({ place, name, settings }) => [place.line, name, settings]),
    [
      [3, 'm5', { macs: ['52:54:00:00:05:05'], address: '10.1.5.5' }],
      [5, 'n6', { macs: [macOf(6)] }],
    ],
  );
  const failing = [
    [`host a {\n hardware ethernet x;\n}`, 2, /expected 'hardware ethernet MAC;' of host 'a'/],
    ['host a { }', 1, /got none$/],
    [`host a { hardware ethernet ${macOf(1)};\nfixed-address a.b; }`, 2, /one IPv4 address/],
    [`host a { hardware ethernet ${macOf(1)};`, 1, /got the end$/],
    [`host a { hardware ethernet ${macOf(1)} }`, 1, /expected '}' and ';'/],
  ] as const;
  for (const [conf, line, message] of failing) {
    const found = readSources([{ name: 'x', text: conf, format: 'isc' }]).problems[0];
    t.is(found?.place.line, line, conf);
    t.regex(found?.message ?? '', message);
  }
});

test('ethers and hosts together say MAC and address; hosts that are no nodes are passed over', async (t) => {
  const { files, store, names } = await setUp(t);
  const ethers = `52:54:0:0:7:1 m1\n${macOf(2)} 10.1.7.2\n${macOf(3)} m1.example\n`;
  const hosts =
    '127.0.0.1 localhost\n::1 ip6-localhost\n10.1.7.1 m1.x m1\n10.1.7.2 m2\n10.1.7.3 x\n';
  const sources = [
    { name: '/etc/ethers', text: ethers, format: undefined },
    { name: '/etc/hosts', text: hosts, format: undefined },
  ];
  const { steps, skippedCount } = files.import(sources, { isUpdate: false, isDryRun: false });
  t.deepEqual(names(), ['m1', 'm2']);
  t.deepEqual(store.byName('m1')?.macs, ['52:54:00:00:07:01', macOf(3)]);
  t.is(store.byName('m2')?.address, '10.1.7.2');
  t.is(skippedCount, 2);
  t.deepEqual(steps.at(-1), { name: 'x', kind: 'passed-over', changes: [] });
  const wrong = {
    name: 'hosts',
    text: '10.1.1.1 a\n10.1.1.2 a\nx\n300.1.1.1 b\n',
    format: undefined,
  };
  t.throws(() => files.import([wrong], { isUpdate: false, isDryRun: false }), {
    message:
      "hosts:2: expected one address of 'a', got 10.1.1.1 and 10.1.1.2\n" +
      'hosts:3: expected an address and a name, got "x"\n' +
      'hosts:4: expected an IPv4 address of a host, got 300.1.1.1',
  });
  const nameless = { name: 'ethers', text: `${macOf(8)} 10.9.9.9`, format: undefined };
  t.throws(() => files.import([nameless], { isUpdate: false, isDryRun: false }), {
    message: 'ethers:1: expected a name, got the address 10.9.9.9; give the file of hosts too',
  });
});

test('what a file is, is said by its name', (t) => {
  const read = (name: string) => readSources([{ name, text: '', format: undefined }]);
  t.throws(() => read('nodes.txt'), {
    code: 'unknown-format',
    message: /^expected --format \(csv,/,
  });
  for (const name of [
    'a/n.yml',
    '/etc/hosts',
    'ethers',
    'my-dnsmasq.conf',
    'dhcpd.conf',
    'n.csv',
  ]) {
    t.notThrows(() => read(name), name);
  }
});

test('any text is read or has problems with lines of it', (t) => {
  const piece = fc.constantFrom(
    ...[
      'name',
      'macs',
      ',',
      '\n',
      '\r\n',
      '"',
      'host a {',
      '}',
      ';',
      'hardware ethernet ',
      'a',
      '- ',
    ],
    ...[
      'name: ',
      'fixed-address ',
      macOf(1),
      '10.1.1.1',
      ' ',
      'dhcp-host=',
      '#',
      '[',
      '{',
      '\\',
      'é',
    ],
  );
  const text = fc.oneof(
    fc.array(piece, { size: 'max', maxLength: 60 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary', size: 'max', maxLength: 200 }),
  );
  const property = fc.property(text, fc.constantFrom(...importFormats), (given, format) => {
    const { entries, problems } = readSources([{ name: 'x', text: given, format }]);
    const count = given.split('\n').length;
    const places = [...entries, ...problems].map(({ place }) => place.line);
    return places.every((line) => line >= 1 && line <= count);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});
