import { readFileSync } from 'node:fs';
import test from 'ava';
import { describeLack, program } from './requirements.ts';
import { listSuites, requirements } from './suites.ts';

test('every test with real clients says what it needs, and every line has its test', (t) => {
  const inSuites = listSuites()
    .filter((suite) => suite.name !== 'unit')
    .flatMap((suite) => suite.files);
  t.deepEqual([...requirements.keys()].sort(), inSuites.sort());
});

test('the test setup installs every package that a suite needs', (t) => {
  const script = readFileSync('test/support/setup-debian.sh', 'utf8');
  const listed = /packages='([^']*)'/.exec(script)?.[1]?.trim().split(/\s+/) ?? [];
  // Every Debian has these.
  const installed = new Set([...listed, 'apt', 'dpkg', 'util-linux']);
  const needed = [...requirements.values()].flat().map((each) => each.debianPackage);
  const missing = needed.filter((name) => name !== undefined && !installed.has(name));
  t.deepEqual(missing, []);
});

test('a program that is not there is named with the package that brings it', (t) => {
  const lack = describeLack([program('sh', 'dash'), program('no-such-program', 'its-package')]);
  t.is(lack, 'no-such-program (Debian package its-package)');
});
