import { spawnSync } from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import { createShellReader, type ShellState } from '../../../src/frontend/profiles/shell-state.ts';

const state = (text: string) => {
  const reader = createShellReader();
  reader.read(text);
  return reader.state();
};

const cases: readonly (readonly [string, ShellState])[] = [
  ['echo ', 'code'],
  ["echo 'a", 'single quotes'],
  ["echo 'a' ", 'code'],
  ["echo 'a\\' ", 'code'],
  ['echo "a', 'double quotes'],
  ['echo "a\\" ', 'double quotes'],
  ['echo "a $(cat ', 'code'],
  ['echo "a $(cat (x) y) ', 'double quotes'],
  ['echo "a $(cat "b', 'double quotes'],
  ['echo "a $(cat "b") ', 'double quotes'],
  ['echo "a ${x:-', 'a parameter'],
  [`echo $${'{x#a}'} `, 'code'],
  [`echo $${'{#x}'} `, 'code'],
  ['echo $# ', 'code'],
  ['echo a#b ', 'code'],
  ['echo a #b ', 'a comment'],
  ['(echo a)#b ', 'a comment'],
  ['echo $(a)#b ', 'code'],
  ['echo \\ #b ', 'code'],
  ['echo \\\n#b ', 'a comment'],
  ['cat <<E\na\\\nE\nx', 'a here-document'],
  ['echo $((1))#b ', 'code'],
  ["# it's\necho ", 'code'],
  ['echo `date', 'backquotes'],
  ['echo $((1 + (2', 'arithmetic'],
  ['echo $((1 + (2))) ', 'code'],
  ['echo $((1 << 2))\necho ', 'code'],
  ["cat <<E\nit's", 'a here-document'],
  ["cat <<E\nit's\nE\necho ", 'code'],
  ["cat <<'E' >x\n$(\nE\necho ", 'code'],
  ['cat <<-E\n\tx\n\tE\necho ', 'code'],
  ['cat <<A <<B\na\nA\nb', 'a here-document'],
  ['cat <<A <<B\na\nA\nb\nB\n', 'code'],
  ["cat <<E # it's\nx", 'a here-document'],
  ['x="$(cat <<E\nit\'s\nE\n)"; ', 'code'],
  ['f() { case $1 in a) echo ', 'code'],
  ['x=$(case $1 in a) echo ', 'what cannot be followed'],
  ["echo $'a", 'what cannot be followed'],
];

for (const [text, expected] of cases) {
  test(`behind ${JSON.stringify(text)} the shell is in ${expected}`, (t) => {
    t.is(state(text), expected);
  });
}

const part = fc.constantFrom(
  ...[
    "'",
    '"',
    '\\',
    '`',
    '$',
    '$(',
    '$((',
    '${x',
    '}',
    ')',
    '(',
    '#',
    ' ',
    '\n',
    'a',
    'E',
    '<<E\n',
    '\nE\n',
    ';',
    'echo ',
  ],
);

test('where a word can be put, the shell takes it for one, or the script was none before', (t) => {
  let putCount = 0;
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12, size: 'max' }), (parts) => {
        const text = parts.join('');
        const reader = createShellReader();
        reader.read(text);
        if (reader.state() !== 'code' || /[\\$]$/.test(text)) return;
        // If the quotes were taken for anything else, the end of input would be inside of them.
        const [bare, quoted] = ['x', `'\n"\n\`\n)\n}\n'`].map(
          (word) =>
            spawnSync('/bin/sh', ['-n'], { input: `${text}${word}\n`, encoding: 'utf8' }).status,
        );
        if (bare !== 0) return;
        putCount += 1;
        if (quoted !== 0) throw new Error(`not a word behind ${JSON.stringify(text)}`);
      }),
      { numRuns: 600 },
    );
  });
  t.true(putCount > 20);
});
