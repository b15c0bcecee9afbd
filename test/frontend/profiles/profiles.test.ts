import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { AttributeValue } from '../../../src/frontend/attributes/types.ts';
import { checkProfiles } from '../../../src/frontend/profiles/check.ts';
import { ProfileError } from '../../../src/frontend/profiles/errors.ts';
import { createProfiles, shippedProfiles } from '../../../src/frontend/profiles/main.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { context, hostOf, writeFiles } from './fixture.ts';

type Files = Readonly<Record<string, string>>;

async function setUp(t: ExecutionContext, files: Files) {
  const folder = await temporaryFolder(t);
  await writeFiles(folder, files);
  const profiles = createProfiles({ folders: [folder] });
  const render = (attributes: Readonly<Record<string, AttributeValue>> = {}, profile = 'p') =>
    profiles.render(hostOf(profile, attributes), context);
  const commands = (attributes?: Readonly<Record<string, AttributeValue>>) =>
    render(attributes)
      .text.split('%packages')[0]
      ?.split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
  /** What is wrong, each as `file:line: message`. */
  const problems = (attributes?: Readonly<Record<string, AttributeValue>>) => {
    const error = t.throws(() => render(attributes), { instanceOf: ProfileError });
    return error?.message.replaceAll(`${folder}/`, '').split('\n');
  };
  return { folder, profiles, render, commands, problems };
}

const kickstart = 'output: kickstart\nos: o\n';

test('what is included comes before what includes it, each once, in order', async (t) => {
  const { commands } = await setUp(t, {
    'p.yaml': `${kickstart}include: [q, b, a]\n`,
    'q.yaml': 'include: [c, a]\n',
    'fragments/a.yaml': 'include: [d]\n',
    'fragments/a.ks': 'a\n',
    'fragments/b.ks': 'b\n',
    'fragments/c.ks': 'c\n',
    'fragments/d.ks': 'd\n',
  });
  t.deepEqual(commands(), ['c', 'd', 'a', 'b']);
});

test('conditions decide by attributes, architecture, system and place', async (t) => {
  const { commands, profiles } = await setUp(t, {
    'p.yaml': `${kickstart}include:
  - { name: a, when: disk-layout == "lvm" }
  - { name: b, when: 'architecture == "aarch64" or (rack > 3 and not big)' }
  - { name: c, when: 'os == "o" and users contains "alice"' }
  - { name: d, when: rack == 0 and rank < 2 }
attributes:
  disk-layout: { default: plain }
  big: { type: yes-no, default: no }
  users: { type: list, default: [] }
`,
    ...Object.fromEntries(['a', 'b', 'c', 'd'].map((each) => [`fragments/${each}.ks`, each])),
  });
  t.deepEqual(commands(), ['d']);
  t.deepEqual(commands({ 'disk-layout': 'lvm', users: ['alice'] }), ['a', 'c', 'd']);
  const onArm = profiles.render(hostOf('p'), { ...context, architecture: 'aarch64' });
  t.regex(onArm.text, /\nb\n/);
});

test('a text is a list of its lines, where the profile wants a list', async (t) => {
  const { commands } = await setUp(t, {
    'p.yaml': `${kickstart}include: [a]\nattributes:\n  users: { type: list, default: [] }\n`,
    'fragments/a.ks': '{% for user in users %}\nuser {{ user }}\n{% endfor %}\n',
  });
  t.deepEqual(commands({ users: 'ann:1\r\n\nbob\n' }), ['user ann:1', 'user bob']);
  t.deepEqual(commands({ users: ['ann', 'bob'] }), ['user ann', 'user bob']);
  t.deepEqual(commands({ users: '' }), []);
});

test('a fragment that is left out by one way is there by another', async (t) => {
  const { commands } = await setUp(t, {
    'p.yaml': `${kickstart}include: [{ name: a, when: rack == 7 }, b]\n`,
    'fragments/a.ks': 'a\n',
    'fragments/b.yaml': 'include: [a]\n',
    'fragments/b.ks': 'b\n',
  });
  t.deepEqual(commands(), ['a', 'b']);
});

const wrong: readonly [string, Files, readonly string[]][] = [
  [
    'circles',
    {
      'p.yaml': `${kickstart}include: [a]\n`,
      'fragments/a.yaml': 'include:\n  - b\n',
      'fragments/b.yaml': 'include: [a]\n',
    },
    ['fragments/b.yaml:1: expected no circle, got a → b → a'],
  ],
  [
    'circles that no condition would let come true',
    { 'p.yaml': `${kickstart}\ninclude:\n  - { name: p, when: rack == 99 }\n` },
    ['p.yaml:5: expected no circle, got p → p'],
  ],
  [
    'unknown fragments',
    {
      'p.yaml': `${kickstart}include:\n  - a\n  - { name: b, when: rack == 99 }\n`,
      'fragments/a.ks': 'a',
    },
    ["p.yaml:5: expected a fragment or a profile 'b', found none"],
  ],
  [
    'names that stand for two things',
    { 'p.yaml': `${kickstart}include: [a]\n`, 'a.yaml': '', 'fragments/a.ks': 'a' },
    ["p.yaml:3: 'a' is a profile and a fragment: a.yaml, fragments/a.ks; rename one"],
  ],
  [
    'attributes that nobody declares, in branches that are not taken too',
    {
      'p.yaml': `${kickstart}include: [a]\n`,
      'fragments/a.ks': 'text\n{% if rack == 99 %}\nlang {{ lnag }}\n{% endif %}\n',
    },
    [
      "fragments/a.ks:3: expected the attribute 'lnag' to be declared by this fragment or its profile",
    ],
  ],
  [
    'attributes without a value',
    {
      'p.yaml': `${kickstart}include: [a]\n`,
      'fragments/a.yaml': 'attributes:\n  two: { type: number }\n  one:\n',
      'fragments/a.ks': 'a {{ one }} {{ two }}',
    },
    [
      "fragments/a.yaml:3: expected the attribute 'one' (a text), found none; set it",
      "fragments/a.yaml:2: expected the attribute 'two' (a number), found none; set it",
    ],
  ],
  [
    'what the node itself does not have',
    { 'p.yaml': `${kickstart}include: [a]\n`, 'fragments/a.ks': 'text\nlang {{ uuid }}\n' },
    ['fragments/a.ks:2: {{ uuid }}: expected a value, got nothing: it is not set for this node'],
  ],
  [
    'templates that are none',
    {
      'p.yaml': `${kickstart}include: [a, b, c]\n`,
      'fragments/a.ks': '\n{% if rack %}',
      'fragments/b.ks': '{{ name | upper }}',
      'fragments/c.ks': '{% if rack = 1 %}{% endif %}',
    },
    [
      'fragments/a.ks:2: in this template: tag {% if rack %} not closed',
      'fragments/b.ks:1: in this template: undefined filter: upper',
      'fragments/c.ks:1: expected a condition such as disk-layout == "lvm" and rack > 2, got rack = 1',
    ],
  ],
  [
    'files from elsewhere',
    { 'p.yaml': `${kickstart}include: [a]\n`, 'fragments/a.ks': '{% include "/etc/passwd" %}' },
    ['fragments/a.ks:1: in this template: tag "include" not found'],
  ],
  [
    'wrong keys and values',
    {
      'p.yaml':
        'output: kikstart\nos: o\nincludes: [a]\nattributes:\n  a: { type: word }\n  B: {}\n',
    },
    [
      'p.yaml:1: output: expected kickstart, preseed, autoinstall or script, got "kikstart"',
      "p.yaml:3: unknown key 'includes'",
      'p.yaml:5: attributes.a.type: expected text, number, yes-no, list, got "word"',
    ],
  ],
  [
    'defaults of another type, and names that the node itself has',
    {
      'p.yaml': `${kickstart}attributes:\n  a: { type: number, default: x }\n  b: { default: c, one-of: [d, e] }\n  rack: {}\n`,
    },
    [
      `p.yaml:4: attribute 'a': expected a number as its default, got "x"`,
      `p.yaml:5: attribute 'b': expected one of ["d", "e"] as its default, got "c"`,
      "p.yaml:6: 'rack' is what the node itself says; it cannot be declared",
    ],
  ],
  [
    'a value in quotes, in a comment, in a here-document',
    {
      'p.yaml': `${kickstart}include: [a]\n`,
      'fragments/a.post.sh': 'echo "{{ name }}"\n# {{ name }}\ncat <<E\n{{ name }}\nE\n',
    },
    [
      'fragments/a.post.sh:1: {{ name }}: a value cannot stand in double quotes: it is quoted by itself; end them before it',
      'fragments/a.post.sh:2: {{ name }}: a value cannot stand in a comment: it is quoted by itself; end them before it',
      'fragments/a.post.sh:4: {{ name }}: a value cannot stand in a here-document: it is quoted by itself; end them before it',
    ],
  ],
  [
    'a script that would end its section',
    { 'p.yaml': `${kickstart}include: [a]\n`, 'fragments/a.post.sh': 'cat <<E\n%post\nE\n' },
    [
      "fragments/a.post.sh:2: expected no line that begins with %post: there a kickstart's section ends",
    ],
  ],
  [
    'no profile at all',
    {},
    ["expected a profile 'p', found none at all; write p.yaml, or set the attribute 'profile'"],
  ],
];

for (const [title, files, expected] of wrong) {
  test(`${title}: refused with file and line`, async (t) => {
    const { problems } = await setUp(t, files);
    t.deepEqual(problems(), expected);
  });
}

test('values of another type, or not among those allowed, are told with their origin; secrets are not', async (t) => {
  const { problems, commands } = await setUp(t, {
    'p.yaml': `${kickstart}include: [a]\nattributes:
  count: { type: number, default: 1 }
  flag: { type: yes-no, default: true }
  secret-hash: { default: x, secret: true, one-of: [x] }
`,
    'fragments/a.ks': 'a {{ count }} {{ flag }} {{ secret-hash }}',
  });
  t.deepEqual(commands({ count: '12', flag: 'no' }), ['a 12 false x']);
  t.deepEqual(problems({ count: 'many', flag: 'maybe', 'secret-hash': 'hunter2' }), [
    `p.yaml:5: attribute 'count': expected a number, got "many" from node compute-0-1`,
    `p.yaml:6: attribute 'flag': expected yes or no, got "maybe" from node compute-0-1`,
    `p.yaml:7: attribute 'secret-hash': expected a value that is allowed, got something else from node compute-0-1`,
  ]);
});

test('a changed, new or removed file holds from the next call on', async (t) => {
  const { folder, commands, profiles } = await setUp(t, {
    'p.yaml': `${kickstart}include: [a]\n`,
    'fragments/a.ks': 'a\n',
  });
  t.deepEqual(commands(), ['a']);
  await writeFile(join(folder, 'fragments/a.ks'), 'b\n');
  t.deepEqual(commands(), ['b']);
  await writeFile(join(folder, 'q.yaml'), 'include: [p]\n');
  t.is(profiles.declared('q').output, 'kickstart');
  await rm(join(folder, 'fragments/a.ks'));
  t.throws(() => commands(), { instanceOf: ProfileError });
});

test('an own file goes before the shipped one of the same name', async (t) => {
  const own = await temporaryFolder(t);
  const profiles = createProfiles({ folders: [own, shippedProfiles] });
  const before = profiles.render(hostOf('debian12'), context).text;
  await writeFiles(own, {
    'fragments/language.preseed': 'd-i own/answer string mine\n',
    'compute.yaml': 'include: [rocky9]\n',
  });
  const after = profiles.render(hostOf('debian12'), context).text;
  t.regex(before, /debian-installer\/locale/);
  t.notRegex(after, /debian-installer\/locale/);
  t.regex(after, /own\/answer string mine/);
  t.is(profiles.declared('compute').output, 'kickstart');
});

test('an including file changes defaults, and nothing else, of what it includes', async (t) => {
  const { profiles } = await setUp(t, {
    'p.yaml': `include: [q]\nattributes:\n  zone: { default: B }\n`,
    'q.yaml': `${kickstart}tree: t\nattributes:\n  zone: { default: A, secret: true, one-of: [A, B], description: d }\n`,
  });
  const { tree, attributes } = profiles.declared('p');
  t.is(tree, 't');
  t.like(attributes.get('zone'), {
    type: 'text',
    defaultValue: 'B',
    isSecret: true,
    oneOf: ['A', 'B'],
    description: 'd',
    by: 'p',
  });
});

test('check tells every problem of every profile and node, each once', async (t) => {
  const { folder, profiles } = await setUp(t, {
    'p.yaml': `${kickstart}include: [a]\nattributes: { size: { type: number, default: 1 } }\nwarn: [{ when: size == 7, say: seven }]\n`,
    'q.yaml': 'include: [nothing]\n',
    'fragments/a.ks': 'a {{ size }}\n',
    'fragments/README': 'what is this',
  });
  await mkdir(join(folder, 'fragments/folder'));
  const big = hostOf('p', { size: 'big' });
  const hosts = [hostOf('p', { size: 7 }), big, big, hostOf('gone')];
  const report = checkProfiles({ profiles, hosts, names: [] });
  const shown = report.problems.map(({ profile, nodes, problem }) => [
    profile,
    nodes.length,
    problem.message.split(':')[0],
  ]);
  t.deepEqual(shown, [
    ['', 0, "expected a fragment's file"],
    ['q', 0, "expected a fragment or a profile 'nothing', found none"],
    ['p', 2, "attribute 'size'"],
    [
      'gone',
      1,
      "expected a profile 'gone', found p, q; write gone.yaml, or set the attribute 'profile'",
    ],
  ]);
  t.deepEqual(
    report.warnings.map(({ problem }) => problem.message),
    ['seven'],
  );
});

test('shipped profiles are well, and warn that nobody could log in', (t) => {
  const profiles = createProfiles({ folders: [shippedProfiles] });
  const { problems, warnings } = checkProfiles({ profiles, hosts: [], names: [] });
  t.deepEqual(problems, []);
  t.regex(warnings[0]?.problem.message ?? '', /nobody will be able to log in/);
});

test('files that stay as they are, are read once', (t) => {
  const profiles = createProfiles({ folders: [shippedProfiles] });
  const first = profiles.declared('rocky9');
  for (let at = 0; at < 100; at += 1)
    profiles.render(hostOf('rocky9', { domain: `d${at}` }), context);
  t.is(profiles.declared('rocky9'), first);
});
