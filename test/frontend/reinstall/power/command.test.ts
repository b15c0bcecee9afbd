import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { commandMethod, splitWords } from '../../../../src/frontend/reinstall/power/command.ts';
import type { PowerTarget } from '../../../../src/frontend/reinstall/power/types.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const target: PowerTarget = {
  name: 'compute-0-0',
  mac: '52:54:00:00:00:01',
  address: '10.1.1.10',
  attributes: new Map([
    ['bmc-address', '10.2.1.10'],
    ['bmc-password', "it's $(secret)"],
  ]),
  hideSecrets: (text) => text,
};
const { signal } = new AbortController();
const plain = { inShell: false };

test('words are split at spaces, outside of quotes', (t) => {
  t.deepEqual(splitWords(`powerman  -c {name}`), ['powerman', '-c', '{name}']);
  t.deepEqual(splitWords(`sh -c 'a b' "c 'd'" e'f g'h ''`), [
    'sh',
    '-c',
    'a b',
    "c 'd'",
    'ef gh',
    '',
  ]);
  for (const wrong of ['', '  ', `a 'b`, `a "b`, `'`]) {
    t.throws(() => splitWords(wrong), { code: 'bad-power' }, wrong);
  }
});

test('whatever words are put in quotes come out as they went in', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.array(
          fc.string().filter((word) => !word.includes("'")),
          { size: 'max', minLength: 1, maxLength: 20 },
        ),
        (words) => {
          const split = splitWords(words.map((word) => `'${word}'`).join(' '));
          if (JSON.stringify(split) !== JSON.stringify(words)) throw new Error(split.join('|'));
        },
      ),
    ),
  );
});

test('the machine is filled in, and what a shell would read is only text', async (t) => {
  const file = join(await temporaryFolder(t), 'said');
  const script = 'printf "%s\\n" "$0" "$SCREE_BMC_ADDRESS" "$SCREE_BMC_PASSWORD" "$SCREE_MAC"';
  const method = commandMethod(`sh -c '${script} >${file}' '{name};$(id)'`, plain);
  t.is(method.describe(target).endsWith(`'compute-0-0;$(id)'`), true);
  await method.cycle(target, signal);
  t.deepEqual((await readFile(file, 'utf8')).trim().split('\n'), [
    'compute-0-0;$(id)',
    '10.2.1.10',
    "it's $(secret)",
    '52:54:00:00:00:01',
  ]);
});

test('with --shell a shell reads it all', async (t) => {
  const file = join(await temporaryFolder(t), 'said');
  const method = commandMethod(`{ echo {name} && echo \${SCREE_NAME}; } >${file}`, {
    inShell: true,
  });
  await method.cycle(target, signal);
  t.is(await readFile(file, 'utf8'), 'compute-0-0\ncompute-0-0\n');
});

test('what else stands in braces is refused before anything is done', (t) => {
  t.throws(() => commandMethod('power {bmc-address}', plain), {
    code: 'bad-power',
    message: /expected {name}, {mac}, {address} in the command, got {bmc-address}; attributes are/,
  });
});

test('a machine without an address is named, where the command needs one', (t) => {
  const homeless = { ...target, address: undefined };
  t.deepEqual(commandMethod('ping {address}', plain).problems(homeless), ['an address']);
  t.deepEqual(commandMethod('power {name}', plain).problems(homeless), []);
});

test('a command that fails says how it ended, and its last words', async (t) => {
  const method = commandMethod(`sh -c 'echo one >&2; echo no such plug >&2; exit 3'`, plain);
  await t.throwsAsync(method.cycle(target, signal), {
    code: 'not-switched',
    message: "expected 'sh' to end well, it ended with 3: no such plug",
  });
  await t.throwsAsync(commandMethod('no-such-program-here {name}', plain).cycle(target, signal), {
    message: /got ENOENT/,
  });
});
