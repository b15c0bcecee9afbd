import { spawnSync } from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import { parseDocument } from 'yaml';
import { ProfileError } from '../../../src/frontend/profiles/errors.ts';
import { createProfiles, shippedProfiles } from '../../../src/frontend/profiles/main.ts';
import type { Rendered } from '../../../src/frontend/profiles/types.ts';
import { readKickstart } from '../../support/kickstart-check.ts';
import { readPreseed } from '../../support/preseed-reader.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { context, hostOf, writeFiles } from './fixture.ts';

const nasty = [
  ...[
    "'",
    '"',
    '`',
    '$',
    '$(reboot)',
    '\\',
    '\n',
    '\r',
    '\t',
    ' ',
    ';',
    '&',
    '|',
    '<',
    '>',
    '*',
    '?',
    '~',
  ],
  ...[
    '#',
    '!',
    '{',
    '}',
    '{{',
    '}}',
    '{%',
    '%}',
    '%end',
    '%include',
    '\n%post\n',
    '=',
    '-',
    '--',
    ': ',
    '- ',
  ],
  ...[
    '&amp;',
    ']]>',
    '</x>',
    'EOF',
    '\nEOF\n',
    'END_OF_SCRIPT',
    'yes',
    'null',
    '0x10',
    '1e3',
    '<<',
    '%',
  ],
  ...[
    '\u0001',
    '\u0007',
    '\u001b[',
    '\u007f',
    '\u0085',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\uffff',
    '\ue0000\ue000',
  ],
  ...['é', '名', '😀', 'd-i', ',', '\\\n', "'\\''"],
];

const text = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .array(fc.constantFrom(...nasty), { maxLength: 8, size: 'max' })
      .map((all) => all.join('')),
  },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'binary', size: 'max', maxLength: 40 })
      .filter((all) => !all.includes('\0')),
  },
);
const values = fc.record({
  one: text,
  other: text,
  several: fc.array(text, { maxLength: 5, size: 'max' }),
});

const attributes = `attributes:
  one: { default: "" }
  other: { default: "" }
  several: { type: list, default: [] }
`;

test('the shell reads every value as it is', async (t) => {
  const render = await profileOf(t, 'preseed', {
    'all.post.sh':
      "printf '%s\\0' {{ one }} x{{ one }}y{{ other }} {{ several }} end\n" +
      'case {{ other }} in *) printf "%s\\0" "$(printf \'%s.\' {{ one }})";; esac\n' +
      '{% capture both %}{{ one }}-{{ other }}{% endcapture %}\nprintf "%s\\0" {{ both }}\n' +
      'sh -c {{ "printf \'%s\\\\0\' " | append: word }}\n'.replace(
        '{{ "',
        '{% assign word = one | sh %}{{ "',
      ),
  });
  t.notThrows(() => {
    fc.assert(
      fc.property(values, (all) => {
        const { files } = render(all);
        const script = scriptIn(files.get('late.sh')?.text ?? '');
        const run = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8', input: '' });
        const { one, other, several } = all;
        const expected = [
          one,
          `x${one}y${other}`,
          ...several,
          'end',
          `${one}.`,
          `${one}-${other}`,
          one,
        ];
        if (run.stderr !== '') throw new Error(run.stderr);
        same(run.stdout, `${expected.join('\0')}\0`);
      }),
      { numRuns: 150 },
    );
  });
});

test('YAML has every value as it is, in version 1.2 and 1.1', async (t) => {
  const render = await profileOf(t, 'autoinstall', {
    'all.user-data.yaml':
      'autoinstall:\n  user-data:\n    one: {{ one }}\n    flow: {a: {{ other }}, b: [{{ one }}]}\n' +
      '    several: {{ several }}\n    items:\n{% for each in several %}\n      - {{ each }}\n{% endfor %}\n',
  });
  t.notThrows(() => {
    fc.assert(
      fc.property(values, (all) => {
        const { one, other, several } = all;
        const expected = { one, flow: { a: other, b: [one] }, several, items: several };
        const { text } = render(all);
        for (const version of ['1.2', '1.1'] as const) {
          const document = parseDocument(text, { version });
          same(document.errors, []);
          const value: unknown = document.toJS();
          same(
            dig(value, 'autoinstall', 'user-data'),
            several.length > 0 ? expected : { ...expected, items: null },
          );
        }
        // What PyYAML calls printable.
        if (
          /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u.test(text)
        ) {
          throw new Error(`not printable: ${JSON.stringify(text)}`);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('a kickstart has every value as it is, or there is none', async (t) => {
  const render = await profileOf(t, 'kickstart', {
    'all.ks':
      'lang {{ one }} # as it was\nuser --name={{ one }} --gecos={{ other }}\n' +
      '{% for each in several %}\nsshkey --username=root {{ each }}\n{% endfor %}\n',
  });
  t.notThrows(() => {
    fc.assert(
      fc.property(values, (all) => {
        const { one, other, several } = all;
        const isWritable = [one, other, ...several].every(
          (each) => !/[\p{Cc}\u2028\u2029]/u.test(each),
        );
        const rendered = attempt(() => render(all));
        if (rendered === undefined) {
          return same(isWritable && ![one, ...several].some((each) => each.startsWith('-')), false);
        }
        const { commands, problems } = readKickstart(rendered.text);
        same(problems, []);
        same(
          commands.map(({ words, options }) => [...words, ...options.values()]),
          [[one], [one, other], ...several.map((each) => [each, 'root'])],
        );
      }),
      { numRuns: 400 },
    );
  });
});

test('no value of a script ends its section of a kickstart', async (t) => {
  const render = await profileOf(t, 'kickstart', {
    'all.post.sh': "printf '%s\\0' {{ one }} {{ other }} {{ several }}\n",
  });
  t.notThrows(() => {
    fc.assert(
      fc.property(values, (all) => {
        const rendered = attempt(() => render(all));
        const hasControls = /[^\P{Cc}\n\t]/u.test([all.one, all.other, ...all.several].join(''));
        if (rendered === undefined) return same(hasControls, true);
        const { problems, scripts } = readKickstart(rendered.text);
        same(problems, []);
        const script = scripts.find(({ head }) => head.includes('--log=/root/scree-post-all.log'));
        const last = script?.text.slice(script.text.lastIndexOf('set -e\n')) ?? '';
        const run = spawnSync('/bin/sh', ['-c', last], { encoding: 'utf8' });
        same(run.stdout, [all.one, all.other, ...all.several].map((each) => `${each}\0`).join(''));
      }),
      { numRuns: 100 },
    );
  });
});

test('a preseed has every value as it is, or there is none', async (t) => {
  const render = await profileOf(t, 'preseed', {
    'all.preseed':
      'd-i a/one string {{ one }}\nd-i a/both password x {{ other }} y {{ one }}\nd-i a/last boolean true\n',
  });
  t.notThrows(() => {
    fc.assert(
      fc.property(values, (all) => {
        const { one, other } = all;
        const rendered = attempt(() => render(all));
        if (rendered === undefined) {
          const isOdd = /[\p{Cc}\u2028\u2029]/u.test(one + other) || /^\s|\s$|\\$/.test(one);
          return same(isOdd, true);
        }
        const answers = readPreseed(rendered.text).slice(0, 3);
        same(
          answers.map(({ value }) => value),
          [one, `x ${other} y ${one}`, 'true'],
        );
      }),
      { numRuns: 400 },
    );
  });
});

test('nothing but names of packages comes into a list of packages', async (t) => {
  const render = await profileOf(t, 'kickstart', { 'all.packages': 'vim\n{{ several }}\n' });
  t.notThrows(() => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(text, fc.constantFrom('gcc', 'g++', '@core', '-nano')), {
          maxLength: 4,
          size: 'max',
        }),
        (several) => {
          const rendered = attempt(() => render({ several }));
          if (rendered === undefined) return;
          const { packages, problems } = readKickstart(rendered.text);
          same(problems, []);
          same(packages, [...new Set(['vim', ...several])]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

test('whatever is in the attributes of a shipped profile, it is whole or refused', (t) => {
  const shipped = createProfiles({ folders: [shippedProfiles] });
  for (const { name, declared } of shipped.list()) {
    const free = [...(declared?.attributes.values() ?? [])].filter(
      ({ oneOf }) => oneOf === undefined,
    );
    const host = fc
      .dictionary(
        fc.constantFrom(...free.map(({ name: key }) => key)),
        fc.array(text, { maxLength: 3, size: 'max' }),
        { maxKeys: 4, size: 'max' },
      )
      .map((lists) =>
        Object.fromEntries(
          free.flatMap(({ name: key, type }) => {
            const list = lists[key];
            if (list === undefined || type === 'yes-no' || type === 'number') return [];
            return [[key, type === 'list' ? list : (list[0] ?? '')] as const];
          }),
        ),
      );
    t.notThrows(() => {
      fc.assert(
        fc.property(host, (all) => {
          const rendered = attempt(() => shipped.render(hostOf(name, all), context));
          if (rendered === undefined) return;
          if (rendered.output === 'kickstart') same(readKickstart(rendered.text).problems, []);
          if (rendered.output === 'preseed') readPreseed(rendered.text);
          if (rendered.output === 'autoinstall') same(parseDocument(rendered.text).errors, []);
          const files = [...rendered.files].filter(([file]) => file.endsWith('.sh'));
          const scripts = files.map(([, file]) => file);
          for (const script of rendered.output === 'script' ? [rendered] : scripts) {
            const run = spawnSync('/bin/sh', ['-n'], { input: script.text, encoding: 'utf8' });
            same(run.stderr, '');
          }
        }),
        { numRuns: 60 },
      );
    }, name);
  }
});

type Rendering = (values: Readonly<Record<string, string | readonly string[]>>) => Rendered;

async function profileOf(
  t: Parameters<typeof temporaryFolder>[0],
  output: string,
  fragments: Readonly<Record<string, string>>,
): Promise<Rendering> {
  const folder = await temporaryFolder(t);
  const files = Object.entries(fragments).map(([name, content]) => [`fragments/${name}`, content]);
  await writeFiles(folder, {
    'p.yaml': `output: ${output}\nos: o\ninclude: [all]\n${attributes}`,
    ...Object.fromEntries(files),
  });
  const profiles = createProfiles({ folders: [folder] });
  return (all) => profiles.render(hostOf('p', all), context);
}

/** Undefined where a value was refused. */
function attempt(render: () => Rendered): Rendered | undefined {
  try {
    return render();
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    const codes = error.problems.map(({ code }) => code);
    // A value that is refused is named; whatever else is wrong would be a template's fault.
    same(
      [...new Set(codes)].filter((code) => code !== 'bad-value' && code !== 'missing-attribute'),
      [],
    );
    return undefined;
  }
}

/** What late.sh puts into the new system, as it will run there. */
/** Without its first line, which sends what it says to a log. */
function scriptIn(late: string): string {
  return /<<'(END_OF_SCRIPT_*)'\nexec >\S+ 2>&1\n(.*?)\n\1\n/s.exec(late)?.[2] ?? 'exit 1';
}

function dig(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
}

function same(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) === JSON.stringify(expected)) return;
  throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}
