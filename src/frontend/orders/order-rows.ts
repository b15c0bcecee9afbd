import * as v from 'valibot';
import type { Database } from '../../runtime/database.ts';
import type { LearntOrder } from './learn-order.ts';

export type StoredOrder = LearntOrder & {
  readonly tree: string;
  readonly role: string;
  readonly learntAtMs: number;
};

/** The learnt orders, by tree and role. */
export type OrderRows = {
  /** What another version has written in another form is left out. Throws DatabaseError. */
  readonly read: () => readonly StoredOrder[];
  /** Throws DatabaseError. */
  readonly keep: (order: StoredOrder) => void;
};

/** Trees and roles are what machines say: the oldest go. */
const mostRows = 64;

const rowSchema = v.object({
  tree: v.string(),
  role: v.string(),
  learnt_at_ms: v.number(),
  is_whole: v.number(),
  paths: v.pipe(v.string(), v.parseJson(), v.array(v.string())),
});

const upsert = `
  INSERT INTO install_orders (tree, role, learnt_at_ms, is_whole, paths) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET learnt_at_ms = excluded.learnt_at_ms, is_whole = excluded.is_whole,
    paths = excluded.paths`;
const trim = `
  DELETE FROM install_orders WHERE (tree, role) IN (
    SELECT tree, role FROM install_orders ORDER BY learnt_at_ms DESC LIMIT -1 OFFSET ?)`;

export function createOrderRows({ database }: { readonly database: Database }): OrderRows {
  return {
    read: () => database.all('SELECT * FROM install_orders ORDER BY learnt_at_ms').flatMap(orderOf),
    keep: ({ tree, role, learntAtMs, isWhole, paths }) =>
      database.transaction(() => {
        database.run(upsert, tree, role, learntAtMs, isWhole ? 1 : 0, JSON.stringify(paths));
        database.run(trim, mostRows);
      }),
  };
}

function orderOf(row: unknown): readonly StoredOrder[] {
  const result = v.safeParse(rowSchema, row);
  if (!result.success) return [];
  const { tree, role, learnt_at_ms, is_whole, paths } = result.output;
  return [{ tree, role, learntAtMs: learnt_at_ms, isWhole: is_whole === 1, paths }];
}
