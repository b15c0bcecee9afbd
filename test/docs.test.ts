import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';

const listed = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0');
const documents = [...new Set([...listed, ...globSync('docs/**/*.md')])]
  .filter((path) => path.endsWith('.md') && existsSync(path))
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

test('every error class and code is in docs/errors.md', (t) => {
  const known = readFileSync('docs/errors.md', 'utf8');
  const classes = globSync('src/**/*.ts').flatMap((path) => errorClasses(path));
  t.true(classes.length > 10);
  const missing = classes.flatMap(({ name, codes }) => [
    ...(known.includes(`| ${name} |`) ? [] : [name]),
    ...codes.filter((code) => !known.includes(`\`${code}\``)).map((code) => `${name} ${code}`),
  ]);
  t.deepEqual(missing, []);
});

test('links between documents lead somewhere', (t) => {
  const broken = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
      .map(([, target = '']) => join(dirname(path), target))
      .filter((target) => !existsSync(target))
      .map((target) => `${path} → ${target}`),
  );
  t.deepEqual(broken, []);
});

test('source files that documents name are there', (t) => {
  const missing = documents
    .filter(({ path }) => !path.startsWith('test/'))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/`((?:src|test|bench|stubs|docs)\/[\w./-]+)`/g)]
        .map(([, named = '']) => named)
        .filter((named) => !existsSync(named))
        .map((named) => `${path} names ${named}`),
    );
  t.deepEqual(missing, []);
});

function errorClasses(path: string) {
  const text = readFileSync(path, 'utf8');
  const found = text.matchAll(/class (\w+) extends ScreeError<([^>]*)>/g);
  return [...found].map(([, name = '', union = '']) => ({
    name,
    codes: [...union.matchAll(/'([a-z-]+)'/g)].map(([, code = '']) => code),
  }));
}
