import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  type Database,
  DatabaseError,
  openDatabase,
  openDatabaseToRead,
} from '../../src/runtime/database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const first = 'CREATE TABLE words (word TEXT UNIQUE NOT NULL) STRICT;';
const second = 'ALTER TABLE words ADD COLUMN length INTEGER; UPDATE words SET length = 3;';

function open(t: ExecutionContext, path: string, migrations: readonly string[] = [first]) {
  const database = openDatabase({ path, migrations, isDurable: true, waitMs: 100 });
  t.teardown(() => {
    try {
      database.close();
    } catch {
      // The test has done so itself.
    }
  });
  return database;
}

const words = (database: Database) =>
  database.all('SELECT * FROM words').map((row) => ({ ...row }));
const insert = 'INSERT INTO words (word) VALUES (?)';

test('it is made with its folder, for its owner only', async (t) => {
  const path = join(await temporaryFolder(t), 'state', 'some.db');
  open(t, path).run(insert, 'one');
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    t.is((await stat(file)).mode & 0o777, 0o600, file);
  }
});

test('a version follows the one before, with what was there', async (t) => {
  const path = join(await temporaryFolder(t), 'some.db');
  const old = open(t, path);
  old.run(insert, 'one');
  old.close();
  t.deepEqual(words(open(t, path, [first, second])), [{ word: 'one', length: 3 }]);
});

test('a database of a later version is refused and left alone', async (t) => {
  const path = join(await temporaryFolder(t), 'some.db');
  open(t, path, [first, second]);
  const error = t.throws(() => open(t, path), { instanceOf: DatabaseError, code: 'newer' });
  t.regex(error?.message ?? '', /to be of version 1 at most, got 2; use the scree that wrote it/);
});

test('to look at a database makes nothing, and leaves its version and its files as they are', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'some #1?.db');
  const look = (migrations = [first, second]) =>
    openDatabaseToRead({ path, migrations, waitMs: 100 });
  t.is(look(), undefined);
  t.deepEqual(await readdir(folder), []);
  const old = open(t, path);
  old.run(insert, 'one');
  const seen = () => {
    const found = look();
    try {
      return found?.all('SELECT word FROM words').map(({ word }) => word);
    } finally {
      found?.close();
    }
  };
  // While another has it open, also what is not in the file itself yet.
  t.deepEqual(seen(), ['one']);
  old.close();
  const before = await facts(path);
  t.deepEqual(seen(), ['one']);
  t.deepEqual(await readdir(folder), ['some #1?.db']);
  t.deepEqual(await facts(path), before);
  t.throws(() => look([]), { code: 'newer' });
  await writeFile(path, 'no database at all, but a text of a certain length');
  t.throws(() => look(), { code: 'unusable' });
});

async function facts(path: string) {
  const { mtimeMs, size } = await stat(path);
  return { mtimeMs, size, bytes: await readFile(path, 'hex') };
}

test('a transaction that fails leaves nothing, and the next one works', async (t) => {
  const database = open(t, join(await temporaryFolder(t), 'some.db'));
  const own = new Error('by the work itself');
  const failing = (error: () => void) => () =>
    database.transaction(() => {
      database.run(insert, 'one');
      error();
    });
  t.is(
    t.throws(
      failing(() => {
        throw own;
      }),
    ),
    own,
  );
  t.throws(
    failing(() => database.run(insert, 'one')),
    { instanceOf: DatabaseError },
  );
  t.deepEqual(words(database), []);
  database.transaction(() => database.run(insert, 'two'));
  t.deepEqual(words(database), [{ word: 'two' }]);
});

test('what another connection holds for too long is an error that says so', async (t) => {
  const path = join(await temporaryFolder(t), 'some.db');
  const [one, other] = [open(t, path), open(t, path)];
  one.transaction(() => {
    one.run(insert, 'one');
    const expected = { instanceOf: DatabaseError, code: 'busy' };
    const error = t.throws(() => other.run(insert, 'two'), expected);
    t.regex(error?.message ?? '', /another process is writing to it; try again$/);
    t.deepEqual(words(other), []);
  });
  other.run(insert, 'two');
  t.is(words(one).length, 2);
});

test('what is no database, or cannot be made, is refused with its path', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'text');
  await writeFile(path, 'no database '.repeat(1000));
  const error = t.throws(() => open(t, path), { instanceOf: DatabaseError, code: 'unusable' });
  t.regex(
    error?.message ?? '',
    /^expected to use the database '.*text', got: file is not a database/,
  );
  t.throws(() => open(t, join(path, 'below', 'a.db')), { instanceOf: DatabaseError });
  await mkdir(join(folder, 'taken'));
  t.throws(() => open(t, join(folder, 'taken')), { instanceOf: DatabaseError });
});
