import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { messageOf, ScreeError } from '../runtime/errors.ts';

/** What was to be read for a value could not be. */
class ValueError extends ScreeError<'unreadable' | 'too-few-lines' | 'stopped'> {}

type Value = string | number | boolean | readonly string[];

export type Entry = { readonly name: string; readonly value: Value; readonly isSeen: boolean };

type Reading = {
  readonly isSecret: boolean;
  readonly parse: (text: string) => Value;
  /** Of words that are none. */
  readonly refuse: (message: string) => never;
};

/**
 * The values that `NAME=VALUE`, `NAME=@FILE` and, of secrets, `NAME` stand for; the last are read
 * from stdin, a line each, or asked for without an echo. Throws ValueError.
 */
export async function readEntries(
  words: readonly string[],
  { isSecret, parse, refuse }: Reading,
): Promise<readonly Entry[]> {
  const parts = words.map(split);
  const repeated = parts.find(({ name }, at) => parts.findIndex((each) => each.name === name) < at);
  if (repeated !== undefined) refuse(`expected each name once, got '${repeated.name}' again`);
  for (const { name, given } of parts) {
    if (given === undefined && !isSecret) refuse(`expected NAME=VALUE, got '${name}'`);
    if (given !== undefined && !given.startsWith('@') && isSecret) {
      refuse(`expected '${name}' or '${name}=@FILE' of a secret, got its value, which others see`);
    }
  }
  const asked = parts.filter(({ given }) => given === undefined).map(({ name }) => name);
  const answers = asked.length === 0 ? new Map() : await readSecrets(asked);
  return Promise.all(
    parts.map(async ({ name, given }) => {
      if (given === undefined) return { name, value: answers.get(name) ?? '', isSeen: false };
      const isFile = given.startsWith('@');
      const value = isFile ? await readText(name, given.slice(1)) : parse(given);
      return { name, value, isSeen: !isFile };
    }),
  );
}

function split(word: string): { readonly name: string; readonly given: string | undefined } {
  const at = word.indexOf('=');
  return at < 0
    ? { name: word, given: undefined }
    : { name: word.slice(0, at), given: word.slice(at + 1) };
}

/** Without the newline at the end, as `$(cat FILE)` would be without all of them. */
async function readText(name: string, path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    const message = `expected to read the value of '${name}' from '${path}', got:`;
    throw new ValueError('unreadable', `${message} ${messageOf(cause)}`, { cause });
  }
}

async function readSecrets(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (process.stdin.isTTY) return askFor(names);
  const given = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (names.length === 1) return new Map(names.map((name) => [name, given]));
  const lines = given.split(/\r?\n/);
  if (lines.length === names.length)
    return new Map(names.map((name, at) => [name, lines[at] ?? '']));
  const message = `expected a line on stdin for each of ${names.join(', ')}, got ${lines.length}`;
  throw new ValueError('too-few-lines', message);
}

async function askFor(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silence, terminal: true });
  const abort = new AbortController();
  // Ctrl-C and Ctrl-D.
  lines.on('close', () => abort.abort());
  try {
    for (const name of names) {
      process.stderr.write(`${name}: `);
      answers.set(name, await lines.question('', { signal: abort.signal }));
      process.stderr.write('\n');
    }
  } catch (cause) {
    if (!abort.signal.aborted) throw cause;
    process.stderr.write('\n');
    const message = `expected a value for each of ${names.join(', ')}, was stopped; nothing was set`;
    throw new ValueError('stopped', message, { cause });
  } finally {
    lines.close();
  }
  return answers;
}
