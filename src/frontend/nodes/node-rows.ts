import * as v from 'valibot';
import { type Database, DatabaseError, type DatabaseRow } from '../../runtime/database.ts';
import { readStoredOptions } from './dhcp-options.ts';
import type { NodeChange } from './node-index.ts';
import type { BootUndo, MachineNode } from './types.ts';

const bootStateSchema = v.picklist(['os', 'install', 'booting', 'installing', 'failed']);
const undoSchema = v.object({
  bootAction: v.string(),
  bootState: bootStateSchema,
  bootReason: v.optional(v.string()),
  stateAtMs: v.number(),
  installNumber: v.number(),
  orderedAtMs: v.number(),
  by: v.optional(v.string()),
});

const rowSchema = v.object({
  name: v.string(),
  macs: v.pipe(v.string(), v.parseJson(), v.array(v.string())),
  uuid: v.nullable(v.string()),
  address: v.nullable(v.string()),
  role: v.string(),
  rack: v.nullable(v.number()),
  rank: v.nullable(v.number()),
  client_classes: v.nullable(v.pipe(v.string(), v.parseJson(), v.array(v.string()))),
  dhcp_options: v.string(),
  boot_action: v.string(),
  boot_state: bootStateSchema,
  boot_reason: v.nullable(v.string()),
  state_at_ms: v.number(),
  install_number: v.number(),
  undo: v.nullable(v.pipe(v.string(), v.parseJson(), undoSchema)),
});

const select = `
  SELECT nodes.*,
    (SELECT json_group_array(mac ORDER BY position) FROM macs WHERE node = nodes.name) AS macs
  FROM nodes`;
const insert = `
  INSERT INTO nodes
    (uuid, address, role, rack, rank, client_classes, dhcp_options, boot_action, boot_state,
      boot_reason, state_at_ms, install_number, undo, name)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const update = `
  UPDATE nodes SET uuid = ?, address = ?, role = ?, rack = ?, rank = ?, client_classes = ?,
    dhcp_options = ?, boot_action = ?, boot_state = ?, boot_reason = ?, state_at_ms = ?,
    install_number = ?, undo = ?
  WHERE name = ?`;

/** All nodes of the database, in no order. Throws DatabaseError. */
export function readNodes(database: Database): readonly MachineNode[] {
  return database.all(select).map(nodeFrom);
}

/** Grows with every transaction that has written nodes. Throws DatabaseError. */
export function readRevision(database: Database): number {
  return Number(database.all('SELECT value FROM revision')[0]?.value);
}

/** To be called in a transaction. Throws DatabaseError. */
export function writeChanges(database: Database, changes: readonly NodeChange[]): void {
  if (changes.length > 1) for (const change of changes) release(database, change);
  for (const { before, after } of changes) {
    if (after === undefined) database.run('DELETE FROM nodes WHERE name = ?', before?.name ?? '');
    else database.run(before === undefined ? insert : update, ...valuesOf(after));
    if (after !== undefined && !sameTexts(before?.macs, after.macs)) writeMacs(database, after);
  }
  database.run('UPDATE revision SET value = value + 1');
}

/** What one node is to pass to another is nobody's for a moment. */
function release(database: Database, { before, after }: NodeChange): void {
  if (before === undefined || after === undefined) return;
  if (before.address !== after.address || before.uuid !== after.uuid) {
    const sql = 'UPDATE nodes SET address = NULL, uuid = NULL WHERE name = ?';
    database.run(sql, before.name);
  }
  if (!sameTexts(before.macs, after.macs)) {
    database.run('DELETE FROM macs WHERE node = ?', before.name);
  }
}

function writeMacs(database: Database, { name, macs }: MachineNode): void {
  database.run('DELETE FROM macs WHERE node = ?', name);
  for (const [position, mac] of macs.entries()) {
    database.run('INSERT INTO macs (mac, node, position) VALUES (?, ?, ?)', mac, name, position);
  }
}

function valuesOf(node: MachineNode) {
  return [
    node.uuid ?? null,
    node.address ?? null,
    node.role,
    node.rack ?? null,
    node.rank ?? null,
    node.clientClasses === undefined ? null : JSON.stringify(node.clientClasses),
    JSON.stringify(node.dhcpOptions),
    node.bootAction,
    node.bootState,
    node.bootReason ?? null,
    node.stateAtMs,
    node.installNumber,
    node.undo === undefined ? null : JSON.stringify(node.undo),
    node.name,
  ];
}

function nodeFrom(row: DatabaseRow): MachineNode {
  const result = v.safeParse(rowSchema, row);
  if (!result.success) {
    const message = `expected a node in the database, got: ${result.issues[0].message}`;
    throw new DatabaseError('unusable', `${message}; was it written by something else?`);
  }
  const { name, macs, role, client_classes, dhcp_options, ...rest } = result.output;
  return {
    name,
    macs,
    uuid: rest.uuid ?? undefined,
    address: rest.address ?? undefined,
    role,
    rack: rest.rack ?? undefined,
    rank: rest.rank ?? undefined,
    clientClasses: client_classes ?? undefined,
    dhcpOptions: readStoredOptions(dhcp_options),
    bootAction: rest.boot_action,
    bootState: rest.boot_state,
    bootReason: rest.boot_reason ?? undefined,
    stateAtMs: rest.state_at_ms,
    installNumber: rest.install_number,
    ...(rest.undo === null ? {} : { undo: undoFrom(rest.undo) }),
  };
}

function undoFrom({ bootReason, by, ...rest }: v.InferOutput<typeof undoSchema>): BootUndo {
  return { ...rest, bootReason, by };
}

function sameTexts(some: readonly string[] | undefined, others: readonly string[]): boolean {
  return some?.length === others.length && some.every((text, at) => text === others[at]);
}
