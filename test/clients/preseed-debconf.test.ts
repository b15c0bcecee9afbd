import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { createProfiles, shippedProfiles } from '../../src/frontend/profiles/main.ts';
import { context, hostOf, writeFiles } from '../frontend/profiles/fixture.ts';
import { readPreseed } from '../support/preseed-reader.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const images = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64';

// What the installer's own reader calls, in place of debconf and its library.
const stubs = `
logfile=/dev/null
log() { :; }
db_set() { printf '%s\\0%s\\0' "$1" "$2"; }
db_fset() { :; }
db_register() { :; }
db_subst() { :; }
`;

const character = fc.oneof(
  fc.constantFrom(...`'"\`$\\*?[]~#!|&;<>(){}=%,:@ é名😀-n`.split('')),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
// The others are refused when the file is made; see test/frontend/profiles/quoting.test.ts.
const value = fc
  .array(character, { maxLength: 24, size: 'max' })
  .map((all) => all.join(''))
  .filter((all) => !/[\p{Cc}\p{Cs}\u2028\u2029]|^\s|\s$|\\$/u.test(all));

test('debconf finds nothing wrong with the shipped profile', async (t) => {
  const { folder } = await setUp(t);
  const profiles = createProfiles({ folders: [shippedProfiles] });
  const much = {
    'ntp-servers': ['10.1.1.1'],
    disk: 'sda',
    'disk-layout': 'lvm',
    packages: ['vim'],
  };
  for (const attributes of [{}, much]) {
    const { text } = profiles.render(hostOf('debian12', attributes), context);
    const path = join(folder, 'preseed.cfg');
    await writeFile(path, text);
    t.deepEqual(checkOnly(path), { status: 0, stderr: '' });
    t.deepEqual(
      readByInstaller(folder, path),
      readPreseed(text).map((each) => [each.question, each.value]),
    );
  }
});

test('debconf and the installer read every value that is written as it is', async (t) => {
  const { folder, render } = await setUp(t);
  await t.notThrowsAsync(() =>
    fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 20, maxLength: 40, size: 'max' }),
        async (values) => {
          const path = join(folder, 'preseed.cfg');
          await writeFile(path, render(values));
          const { status, stderr } = checkOnly(path);
          if (status !== 0 || stderr !== '') throw new Error(stderr);
          const read = readByInstaller(folder, path).slice(0, values.length);
          const expected = values.map((each, at) => [`test/answer-${at}`, each]);
          if (JSON.stringify(read) !== JSON.stringify(expected)) {
            throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(read)}`);
          }
        },
      ),
      { numRuns: 4 },
    ),
  );
});

async function setUp(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const reader = fileIn(
    gunzipSync(readFileSync(join(images, 'initrd.gz'))),
    'debconf-set-selections',
  );
  await writeFile(join(folder, 'reader.sh'), stubs + reader.replaceAll(/^\. \/.*$/gm, ''));
  await writeFiles(folder, {
    'p.yaml':
      'output: preseed\nos: o\ninclude: [all]\nattributes: { values: { type: list, default: [] } }\n',
    'fragments/all.preseed':
      '{% for each in values %}\nd-i test/answer-{{ forloop.index0 | raw }} string {{ each }}\n{% endfor %}\n',
  });
  const profiles = createProfiles({ folders: [folder] });
  const render = (values: readonly string[]) =>
    profiles.render(hostOf('p', { values }), context).text;
  return { folder, render };
}

function checkOnly(path: string) {
  const { status, stderr } = spawnSync('debconf-set-selections', ['--checkonly', path], {
    encoding: 'utf8',
  });
  return { status, stderr };
}

function readByInstaller(folder: string, path: string): readonly (readonly string[])[] {
  const run = spawnSync('busybox', ['sh', join(folder, 'reader.sh'), path], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  const words = run.stdout.split('\0').slice(0, -1);
  return words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? '']] : []));
}

/** The file of this name in an archive in cpio's newc form. */
function fileIn(archive: Buffer, name: string): string {
  let offset = 0;
  while (archive.toString('latin1', offset, offset + 6) === '070701') {
    const field = (at: number) =>
      Number.parseInt(archive.toString('latin1', offset + 6 + 8 * at, offset + 14 + 8 * at), 16);
    const path = archive.toString('utf8', offset + 110, offset + 109 + field(11));
    const start = (offset + 110 + field(11) + 3) & ~3;
    if (path.endsWith(`/${name}`)) return archive.toString('utf8', start, start + field(6));
    offset = (start + field(6) + 3) & ~3;
  }
  throw new Error(`expected ${name} in the installer's ramdisk`);
}
