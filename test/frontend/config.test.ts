import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { ConfigError, findConfig, loadConfig, parseConfig } from '../../src/frontend/config.ts';
import { configKeys } from '../../src/frontend/config-schema.ts';

const parse = (text: string) => parseConfig(text, '/etc/scree/scree.yaml');

function problemsOf(text: string): string[] {
  try {
    parseConfig(text, 'scree.yaml');
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
}

test('the smallest configuration of the documentation is accepted', (t) => {
  const config = parse(`
# scree.yaml
state: /var/lib/scree
http:    { listen: "10.1.1.1:80" }
tracker: { listen: "10.1.1.1:6969" }        # HTTP and UDP
seed:    { listen: "10.1.1.1:6881", upload: 0 }   # bytes/s or "900Mbit"; 0 = no cap
dhcp:    { mode: off }                      # server | proxy | off
tftp:    { listen: off }                    # or "10.1.1.1:69"
`);
  t.deepEqual(config.http, { listen: { host: '10.1.1.1', port: 80 }, fallback: 8 });
  t.deepEqual(config.tracker.listen, { host: '10.1.1.1', port: 6969 });
  t.deepEqual(config.seed.listen, { host: '10.1.1.1', port: 6881 });
});

test('what is left out has defaults', (t) => {
  for (const text of ['', '# nothing\n', 'http:\nseed:\n', '{}']) {
    t.like(parse(text), {
      state: '/var/lib/scree',
      http: { listen: { host: '0.0.0.0', port: 80 }, fallback: 8 },
      tracker: { listen: { host: '0.0.0.0', port: 6969 }, intervalSeconds: 30 },
      seed: { listen: { host: '0.0.0.0', port: 6881 }, uploadBytesPerSecond: 0 },
    });
    t.true(parse(text).networks.includes('10.0.0.0/8'));
  }
});

const addresses: readonly [string, string, number][] = [
  ['"10.1.1.1:80"', '10.1.1.1', 80],
  ['10.1.1.1:0', '10.1.1.1', 0],
  ['"[fd00::1]:8080"', 'fd00::1', 8080],
  ['":6969"', '0.0.0.0', 6969],
  [':6969', '0.0.0.0', 6969],
  ['"81"', '0.0.0.0', 81],
  ['81', '0.0.0.0', 81],
  ['frontend-0.local:80', 'frontend-0.local', 80],
];
for (const [text, host, port] of addresses) {
  test(`listen: ${text} means port ${port} of ${host}`, (t) => {
    t.deepEqual(parse(`http: { listen: ${text} }`).http.listen, { host, port });
  });
}

test('rates may be written with their units', (t) => {
  t.is(parse('seed: { upload: 900Mbit }').seed.uploadBytesPerSecond, 112_500_000);
  t.is(parse('seed: { upload: 1000 }').seed.uploadBytesPerSecond, 1000);
});

test('a relative state folder starts from the folder of the file', (t) => {
  t.is(parse('state: data').state, '/etc/scree/data');
});

test('profiles of your own lie in the state folder, or where the file says', (t) => {
  t.is(parse('').profiles, '/var/lib/scree/profiles');
  t.is(parse('state: /srv/scree').profiles, '/srv/scree/profiles');
  t.is(parse('profiles: own').profiles, '/etc/scree/own');
});

test('off is understood in YAML 1.2 and in YAML 1.1', (t) => {
  for (const off of ['off', '"off"', 'false']) {
    t.notThrows(() => parse(`dhcp: { mode: ${off} }\ntftp: { listen: ${off} }`));
  }
  t.notThrows(() => parse('%YAML 1.1\n---\ndhcp: { mode: off }\n'));
});

const refused: readonly [string, string, string[]][] = [
  [
    'an unknown key',
    'http:\n  lisen: 80\n',
    [
      "scree.yaml:2:3: unknown key 'lisen' in 'http': expected listen, fallback; did you mean 'listen'?",
    ],
  ],
  [
    'a key of another section',
    'upload: 5\n',
    [
      "scree.yaml:1:1: unknown key 'upload': expected state, profiles, networks, http, tracker, seed, dhcp, tftp, boot; did you mean 'seed.upload'?",
    ],
  ],
  [
    'a key that is like no other',
    'seed: { quux: 1 }\n',
    ["scree.yaml:1:9: unknown key 'quux' in 'seed': expected listen, upload"],
  ],
  [
    'a wrong address',
    'http: { listen: "10.1.1.1" }\n',
    [
      'scree.yaml:1:17: http.listen: expected an address such as 10.1.1.1:80, [fd00::1]:80, :80 or 80, got "10.1.1.1"',
    ],
  ],
  [
    'a port that cannot be',
    'http: { listen: 65536 }\n',
    [
      'scree.yaml:1:17: http.listen: expected an address such as 10.1.1.1:80, [fd00::1]:80, :80 or 80, got 65536',
    ],
  ],
  [
    'an empty value',
    'state:\n',
    ['scree.yaml:1:7: state: expected a folder, such as /var/lib/scree, got nothing'],
  ],
  [
    'a list in place of a section',
    'http: [1]\n',
    ['scree.yaml:1:7: http: expected keys (listen, fallback), got [1]'],
  ],
  [
    'a text in place of everything',
    'hello\n',
    [
      'scree.yaml:1:1: expected keys (state, profiles, networks, http, tracker, seed, dhcp, tftp, boot), got "hello"',
    ],
  ],
  [
    'a DHCP server',
    'dhcp: { mode: on }\n',
    ['scree.yaml:1:15: dhcp.mode: expected server, proxy or off, got "on"'],
  ],
  [
    'a TFTP server',
    'tftp:\n  listen: 10.1.1.1:x\n',
    [
      'scree.yaml:2:11: tftp.listen: expected off, or an address such as 10.1.1.1:80, [fd00::1]:80, :80 or 80, got "10.1.1.1:x"',
    ],
  ],
  [
    'a wrong rate',
    'seed: { upload: fast }\n',
    [
      'scree.yaml:1:17: seed.upload: expected bytes per second, a rate such as 900Mbit, or 0 for no cap, got "fast"',
    ],
  ],
  [
    'networks that are none',
    'networks: [10.0.0.0/33]\n',
    [
      'scree.yaml:1:11: networks: expected a list of networks such as [10.1.0.0/16, "fd00::/8"], got ["10.0.0.0/33"]',
    ],
  ],
  [
    'several problems at once, in the order of the text',
    'tracker:\n  interval: 0\n  port: 1\nhttp:\n  fallback: many\n  colour: red\n',
    [
      'scree.yaml:2:13: tracker.interval: expected whole seconds from 1 to 3600, got 0',
      "scree.yaml:3:3: unknown key 'port' in 'tracker': expected listen, interval",
      'scree.yaml:5:13: http.fallback: expected a whole number from 1 to 10000, got "many"',
      "scree.yaml:6:3: unknown key 'colour' in 'http': expected listen, fallback",
    ],
  ],
  [
    'a key that is there twice',
    'state: /a\nstate: /b\n',
    ['scree.yaml:2:1: expected YAML, got: Map keys must be unique'],
  ],
  [
    'an alias',
    'state: &a /x\nhttp: *a\n',
    ["scree.yaml:2:7: expected a plain value, got the alias '*a'"],
  ],
  [
    'a name that objects have already',
    'http:\n  __proto__: 1\n',
    ["scree.yaml:2:3: expected a key of this file, got '__proto__'"],
  ],
];
for (const [title, text, problems] of refused) {
  test(`${title} is refused with its place`, (t) => t.deepEqual(problemsOf(text), problems));
}

test('an address in brackets without quotes is refused with its place', (t) => {
  t.regex(problemsOf('http:\n  listen: [::1]:80\n')[0] ?? '', /^scree\.yaml:2:\d+: expected YAML/);
});

test('any text is a configuration or is refused with a place', (t) => {
  const words = fc.constantFrom(
    'http',
    'listen',
    ':',
    ' ',
    '\n',
    '- ',
    '{',
    '[',
    '&a',
    '*a',
    '!!x',
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(words).map((all) => all.join('')),
  );
  t.notThrows(() =>
    fc.assert(
      fc.property(texts, (text) =>
        problemsOf(text).every((problem) => /^scree\.yaml:\d+:\d+: /.test(problem)),
      ),
    ),
  );
});

test('a file is read by its name, and found as scree.yaml in the working folder', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'scree-config-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'other.yaml');
  await writeFile(path, 'state: here\n');
  t.is((await findConfig(path)).state, join(folder, 'here'));
  t.is((await loadConfig(path)).state, join(folder, 'here'));
});

test('a file that is not there or cannot be read is refused by its name', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'scree-config-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const missing = await t.throwsAsync(findConfig(join(folder, 'none.yaml')), {
    instanceOf: ConfigError,
  });
  t.regex(missing?.message ?? '', /expected a configuration file '.*none\.yaml', found none/);
  await chmod(folder, 0o700);
  await t.throwsAsync(loadConfig(folder), { instanceOf: ConfigError, message: /EISDIR/ });
});

test('the documentation tells of every key', async (t) => {
  const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  for (const [mapping, names] of configKeys) {
    const parent = mapping.replace('.*', mapping.startsWith('boot.') ? '.NAME' : '[]');
    for (const name of names) {
      const path = parent === '' ? name : `${parent}.${name}`;
      // A section's own keys are told of one by one.
      const isTold = page.includes(`\`${path}\``) || configKeys.has(path);
      t.true(isTold, path);
    }
  }
});
