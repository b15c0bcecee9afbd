import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { hasErrorCode, messageOf, ScreeError } from './errors.ts';

export class DatabaseError extends ScreeError<'unusable' | 'busy' | 'newer'> {}

export type DatabaseValue = string | number | null;
export type DatabaseRow = Readonly<Record<string, unknown>>;

/**
 * A connection to an SQLite database. Every call throws DatabaseError when it fails: `busy` when
 * another process wrote for all of the time that a call waits, else `unusable`.
 */
export type Database = {
  readonly run: (sql: string, ...values: readonly DatabaseValue[]) => void;
  readonly all: (sql: string, ...values: readonly DatabaseValue[]) => readonly DatabaseRow[];
  /** Keeps all that `work` writes, or nothing if it throws. Nobody else writes meanwhile. */
  readonly transaction: <Result>(work: () => Result) => Result;
  readonly close: () => void;
};

export type DatabaseOptions = {
  /** A file, made if it is not there; `:memory:` for one that is gone after `close`. */
  readonly path: string;
  /** SQL by version: the first makes version 1 of an empty database, and so on. Never changed. */
  readonly migrations: readonly string[];
  /** True: what was written survives a power cut. False: it survives the death of the process. */
  readonly isDurable: boolean;
  /** How long a call waits for another process that writes; the thread does nothing meanwhile. */
  readonly waitMs: number;
};

const busy = 5;
const openAttempts = 50;
const attemptPauseMs = 20;

/**
 * Opens a database in WAL mode, so that a process that is killed at any instant leaves all of a
 * transaction or nothing. Throws DatabaseError: `newer` when a later version has written it.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const { path } = options;
  try {
    const connection = connect(options);
    try {
      prepareConnection(connection, options);
    } catch (error) {
      connection.close();
      throw error;
    }
    return wrap(connection, path);
  } catch (error) {
    throw explain(error, path);
  }
}

/**
 * Opens a database only to look: nothing is made, and no version is brought up to date, so what is
 * asked must be of every version. Undefined where there is none yet. Throws DatabaseError as
 * `openDatabase` does.
 */
export function openDatabaseToRead(
  options: Pick<DatabaseOptions, 'path' | 'migrations' | 'waitMs'>,
): Pick<Database, 'all' | 'close'> | undefined {
  const { path, migrations, waitMs } = options;
  if (!existsSync(path)) return undefined;
  try {
    const connection = new DatabaseSync(locationToRead(path), { readOnly: true, timeout: waitMs });
    try {
      const version = versionOf(connection);
      if (version > migrations.length) throw tooNew(path, migrations.length, version);
      if (version > 0) return wrap(connection, path);
    } catch (error) {
      connection.close();
      throw error;
    }
    connection.close();
    return undefined;
  } catch (error) {
    throw explain(error, path);
  }
}

/** Whoever reads what nobody has open would leave files beside it, unless told that it cannot change. */
function locationToRead(path: string): URL {
  const url = pathToFileURL(path);
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (log === undefined || log.size === 0) url.searchParams.set('immutable', '1');
  return url;
}

function connect({ path, waitMs }: DatabaseOptions): DatabaseSync {
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true });
    // For its owner only; SQLite gives the files beside it the same mode.
    closeSync(openSync(path, 'a', 0o600));
  }
  return new DatabaseSync(path, { timeout: waitMs });
}

function prepareConnection(connection: DatabaseSync, options: DatabaseOptions): void {
  // SQLite does not wait for whoever else turns WAL on or takes the first lock of a new file.
  retryWhileBusy(() => connection.exec('PRAGMA journal_mode = WAL'));
  connection.exec(`PRAGMA synchronous = ${options.isDurable ? 'FULL' : 'NORMAL'}`);
  retryWhileBusy(() => inTransaction(connection, () => migrate(connection, options)));
}

function migrate(connection: DatabaseSync, { path, migrations }: DatabaseOptions): void {
  const version = versionOf(connection);
  if (version > migrations.length) throw tooNew(path, migrations.length, version);
  for (const sql of migrations.slice(version)) connection.exec(sql);
  if (version < migrations.length) {
    connection.exec(`PRAGMA user_version = ${migrations.length}`);
  }
}

function versionOf(connection: DatabaseSync): number {
  return Number(connection.prepare('PRAGMA user_version').get()?.user_version);
}

function tooNew(path: string, known: number, version: number): DatabaseError {
  const message = `expected '${path}' to be of version ${known} at most, got ${version}`;
  return new DatabaseError('newer', `${message}; use the scree that wrote it`);
}

function wrap(connection: DatabaseSync, path: string): Database {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const statement = statements.get(sql) ?? connection.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  const explained = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw explain(error, path);
    }
  };
  return {
    run: (sql, ...values) => explained(() => void prepare(sql).run(...values)),
    all: (sql, ...values) => explained(() => prepare(sql).all(...values)),
    transaction: (work) => explained(() => inTransaction(connection, work)),
    close: () => explained(() => connection.close()),
  };
}

function inTransaction<Result>(connection: DatabaseSync, work: () => Result): Result {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has already done so itself after some errors, such as a full disk.
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

function retryWhileBusy(work: () => void): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || attempt === openAttempts) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, attemptPauseMs);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === busy;
}

/** Errors of SQLite and of the file system; what `work` itself has thrown stays as it is. */
function explain(error: unknown, path: string): unknown {
  const isOurs = error instanceof ScreeError;
  const isSystem = error instanceof Error && ('errcode' in error || 'errno' in error);
  if (isOurs || (!isSystem && !hasErrorCode(error, 'ERR_SQLITE_ERROR', 'ERR_INVALID_STATE'))) {
    return error;
  }
  const advice = isBusy(error)
    ? 'another process is writing to it; try again'
    : 'see its owner, and the room on its disk';
  const message = `expected to use the database '${path}', got: ${messageOf(error)}; ${advice}`;
  return new DatabaseError(isBusy(error) ? 'busy' : 'unusable', message, { cause: error });
}
