import type { Database } from '../../runtime/database.ts';

/** What was heard last of a node's install. */
export type LastHeard = {
  readonly installNumber: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Such as `was sent debian/initrd by TFTP`. */
  readonly what: string;
  /** How often its loader has begun to boot for this install, and when it last did. */
  readonly boots: number;
  readonly bootAtMs: number;
};

/** By the names of nodes. */
export type HeardRows = {
  /** Throws DatabaseError. */
  readonly read: () => ReadonlyMap<string, LastHeard>;
  /** All of these, or none; what is no node's latest install is left out. Throws DatabaseError. */
  readonly keep: (entries: ReadonlyMap<string, LastHeard>) => void;
};

const upsert = `
  INSERT INTO install_heard (node, install_number, at_ms, what, boots, boot_at_ms)
  SELECT name, install_number, ?, ?, ?, ? FROM nodes WHERE name = ? AND install_number = ?
  ON CONFLICT DO UPDATE SET install_number = excluded.install_number, at_ms = excluded.at_ms,
    what = excluded.what, boots = excluded.boots, boot_at_ms = excluded.boot_at_ms`;

export function createHeardRows({ database }: { readonly database: Database }): HeardRows {
  return {
    read: () => new Map(database.all('SELECT * FROM install_heard').map(entryOf)),
    keep: (entries) =>
      database.transaction(() => {
        for (const [name, { installNumber, atMs, what, boots, bootAtMs }] of entries) {
          database.run(upsert, atMs, what, boots, bootAtMs, name, installNumber);
        }
      }),
  };
}

function entryOf(row: Readonly<Record<string, unknown>>): [string, LastHeard] {
  return [
    String(row.node),
    {
      installNumber: Number(row.install_number),
      atMs: Number(row.at_ms),
      what: String(row.what),
      boots: Number(row.boots),
      bootAtMs: Number(row.boot_at_ms),
    },
  ];
}
