import * as v from 'valibot';
import { type Database, DatabaseError, type DatabaseRow } from '../../runtime/database.ts';
import { type AttributeLayers, layersOf, targetOf } from './layers.ts';
import type { Attribute, AttributeScope, AttributeValue } from './types.ts';
import { readAttributeName, readAttributeValue, readScope } from './words.ts';

export type AttributeChange = {
  readonly scope: AttributeScope;
  readonly name: string;
  /** Undefined: it is not to be set there any more. */
  readonly value: AttributeValue | undefined;
  /** A secret stays one until it is unset. */
  readonly isSecret?: boolean;
};

/** The attributes of a state folder, as they are in the database at each call. */
export type AttributeStore = {
  /** Cheap while nothing changes. Throws DatabaseError. */
  readonly layers: () => AttributeLayers;
  /** All of it or nothing. Throws AttributeError, or DatabaseError. */
  readonly change: (changes: readonly AttributeChange[]) => void;
};

const rowSchema = v.object({
  scope: v.picklist(['global', 'os', 'role', 'rack', 'node']),
  target: v.string(),
  name: v.string(),
  value: v.pipe(
    v.string(),
    v.parseJson(),
    v.union([v.string(), v.number(), v.boolean(), v.array(v.string())]),
  ),
  is_secret: v.number(),
});

const upsert = `
  INSERT INTO attributes (scope, target, name, value, is_secret) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET value = excluded.value, is_secret = max(is_secret, excluded.is_secret)`;
const remove = 'DELETE FROM attributes WHERE scope = ? AND target = ? AND name = ?';

/** The database is that of the nodes: see openNodeRecords. */
export function createAttributeStore({
  database,
  onWrite,
}: {
  readonly database: Database;
  /** Writes down, in the transaction of the changes, whose they are. */
  readonly onWrite?: (database: Database, changes: readonly AttributeChange[]) => void;
}): AttributeStore {
  let known: { readonly revision: number; readonly layers: AttributeLayers } | undefined;
  return {
    layers: () => {
      if (known?.revision === readRevision(database)) return known.layers;
      // Both from one state of the database.
      known = database.transaction(() => ({
        revision: readRevision(database),
        layers: readAttributes(database),
      }));
      return known.layers;
    },
    change: (changes) =>
      database.transaction(() => {
        writeAttributes(database, changes);
        if (changes.length > 0) onWrite?.(database, changes);
      }),
  };
}

/** All that are in the database. Throws DatabaseError. */
export function readAttributes(database: Database): AttributeLayers {
  return layersOf(database.all('SELECT * FROM attributes').map(attributeFrom));
}

/** To be called in a transaction. Throws AttributeError or DatabaseError. */
export function writeAttributes(database: Database, changes: readonly AttributeChange[]): void {
  if (changes.length === 0) return;
  for (const each of changes.map(check)) write(database, each);
  database.run('UPDATE attribute_revision SET value = value + 1');
}

function check({ scope, name, value, isSecret = false }: AttributeChange) {
  return {
    scope: readScope(scope),
    name: readAttributeName(name),
    value: value === undefined ? undefined : readAttributeValue(value),
    isSecret,
  };
}

function write(database: Database, { scope, name, value, isSecret }: ReturnType<typeof check>) {
  const key = [scope.kind, targetOf(scope), name] as const;
  if (value === undefined) database.run(remove, ...key);
  else database.run(upsert, ...key, JSON.stringify(value), Number(isSecret));
}

function readRevision(database: Database): number {
  return Number(database.all('SELECT value FROM attribute_revision')[0]?.value);
}

function attributeFrom(row: DatabaseRow): Attribute {
  const result = v.safeParse(rowSchema, row);
  if (!result.success) {
    const message = `expected an attribute in the database, got: ${result.issues[0].message}`;
    throw new DatabaseError('unusable', `${message}; was it written by something else?`);
  }
  const { scope: kind, target, name, value, is_secret } = result.output;
  const scope: AttributeScope = kind === 'global' ? { kind } : { kind, target };
  return { scope, name, value, isSecret: is_secret !== 0 };
}
